// Who is on call: the keeper asks the sources when a review is made, and again when it is counted.
//
// 1. An answer holds for the lifetime of its cache, measured by the monotonic clock from when the question was asked. A source that fails
//    names nobody, whoever it named before (law 1). Attack: somebody keeps the schedule from answering after a handover, to stay on call.
// 2. A failure is logged and raises an alarm. It holds for five seconds, so that a source that hangs delays one conversation, not each one
//    that comes.
// 3. The failure of one source affects neither another source nor the approvers by group.
// 4. What a source of an earlier policy said does not count once another policy is in force. Attack: somebody who was taken out of a rota by
//    a reload stays on call as long as a cache holds.
import type { Source } from '../../adapters/hooks/hook.ts';
import { approversSaid, neededOf } from '../../core/messages/approvers.ts';
import { rulesFor, type Duty, type Reviewer } from '../../core/on-call.ts';
import type { Config, SessionPolicy } from '../../core/policy-types.ts';
import { second } from '../../core/time.ts';
import { failures } from '../../core/messages/ends.ts';
import type { Log } from '../../adapters/log.ts';
import type { Alarms } from '../notices/alarms.ts';

export interface OnCallDeps {
  now(): number;
  /** Milliseconds of a clock that nobody can set. */
  monotonicNow(): number;
  readonly alarms: Alarms;
  readonly config: Config;
  readonly log: Log;
}

/** Asks the sources of the policy. */
export interface OnCall {
  /** What these sources say now; all sources if none are given. Never rejects. */
  duty(sources?: readonly string[]): Promise<Duty>;
}

interface Held {
  readonly source: Source;
  readonly until: number;
  readonly people: Promise<readonly string[] | undefined>;
}

const failureMs = 5 * second;

/** @param sources those of the policy in force, by their names */
export function openOnCall(deps: OnCallDeps, sources: () => ReadonlyMap<string, Source>): OnCall {
  const held = new Map<string, Held>();

  const ask = (name: string, source: Source): Promise<readonly string[] | undefined> => {
    const asked = source.people(deps.now()).catch((error: unknown) => {
      held.set(name, { source, until: deps.monotonicNow() + failureMs, people: Promise.resolve(undefined) });
      return failed(deps, name, error);
    });
    held.set(name, { source, until: deps.monotonicNow() + (source.cacheMs ?? 0), people: asked });
    return asked;
  };
  /** Rule 1. A caller who comes while a source is being asked gets that answer, unless it would be too old by now. */
  const people = async (name: string): Promise<readonly string[] | undefined> => {
    const source = sources().get(name);
    if (source === undefined) return undefined;
    const known = held.get(name);
    const holds = known?.source === source && deps.monotonicNow() < known.until; // rule 4
    const said = await (holds ? known.people : ask(name, source));
    return sources().get(name) === source ? said : people(name); // rule 4, for an answer that was on its way
  };
  return {
    duty: async (names = [...sources().keys()]) => {
      const said = await Promise.all([...new Set(names)].map(async (name) => [name, await people(name)] as const));
      const named = new Map(said.flatMap(([name, words]) => (words === undefined ? [] : [[name, words] as const])));
      return { named, rule: deps.config.oidc.claims.login };
    },
  };
}

/** Logs the failure and raises the alarm (rule 2). */
function failed(deps: OnCallDeps, source: string, error: unknown): undefined {
  deps.log.warn('on-call-source-failed', { source, error });
  deps.alarms.raise(failures.onCall(source));
}

export interface ApproverDeps {
  readonly onCall: OnCall;
}

/** Who may approve, as a screen or a notice says it. */
export async function approverLine({ onCall }: ApproverDeps, policy: SessionPolicy): Promise<string> {
  const { count, onCall: sources = [] } = policy.approvers;
  return neededOf(count, approversSaid(policy, await onCall.duty(sources)));
}

/**
 * The rules by which somebody is an approver of a session now. Sources are asked only for a moderated session, where an approver may view
 * without a grant.
 */
export async function approverBy(
  { onCall }: ApproverDeps,
  policy: SessionPolicy,
  who: Reviewer,
): Promise<readonly string[]> {
  const sources = policy.moderated ? policy.approvers.onCall : undefined;
  return rulesFor(policy, who, await onCall.duty(sources ?? []));
}
