// Who is on call, as this keeper asks it: when a review is made, and again when it is counted.
//
// 1. An answer holds for its cache's life, counted from when it was asked for on a clock that nobody sets, and not a moment longer:
//    a source that fails names nobody, whoever it named before (law 1). Attack: a schedule that is kept from answering after a handover.
// 2. A failure is logged and told to whoever is on call. It holds for a few seconds: a source that hangs costs one wait, and not one
//    for each person who comes.
// 3. One source's failure takes nothing from another, nor from the groups beside it.
import type { Source } from '../../adapters/hooks/hook.ts';
import { approversSaid, rulesFor, type Duty, type Reviewer } from '../../core/on-call.ts';
import type { Config, SessionPolicy } from '../../core/policy-types.ts';
import { second } from '../../core/time.ts';
import type { Log } from '../../adapters/log.ts';
import type { Alarms } from '../notices/alarms.ts';

export interface OnCallDeps {
  now(): number;
  /** On a clock that nobody sets: milliseconds. */
  monotonicNow(): number;
  readonly alarms: Alarms;
  readonly config: Config;
  readonly log: Log;
}

export interface OnCall {
  /** What these sources say now; of all that there are, when none is named. Never rejects. */
  duty(sources?: readonly string[]): Promise<Duty>;
}

interface Held {
  readonly until: number;
  readonly people: Promise<readonly string[] | undefined>;
}

const failureMs = 5 * second;

export function openOnCall(deps: OnCallDeps, sources: ReadonlyMap<string, Source>): OnCall {
  const held = new Map<string, Held>();
  const all = [...sources.keys()];

  const ask = (name: string, source: Source): Promise<readonly string[] | undefined> => {
    const asked = source.people(deps.now()).catch((error: unknown) => {
      held.set(name, { until: deps.monotonicNow() + failureMs, people: Promise.resolve(undefined) });
      return failed(deps, name, error);
    });
    held.set(name, { until: deps.monotonicNow() + (source.cacheMs ?? 0), people: asked });
    return asked;
  };
  /** Rule 1. Who comes while it is asked waits for that answer, unless it would be too old already. */
  const people = async (name: string): Promise<readonly string[] | undefined> => {
    const source = sources.get(name);
    if (source === undefined) return undefined;
    const known = held.get(name);
    return known !== undefined && deps.monotonicNow() < known.until ? known.people : ask(name, source);
  };
  return {
    duty: async (names = all) => {
      const said = await Promise.all([...new Set(names)].map(async (name) => [name, await people(name)] as const));
      const named = new Map(said.flatMap(([name, words]) => (words === undefined ? [] : [[name, words] as const])));
      return { named, rule: deps.config.oidc.claims.login };
    },
  };
}

/** Rule 2. */
function failed(deps: OnCallDeps, source: string, error: unknown): undefined {
  deps.log.warn('on-call-source-failed', { source, error });
  deps.alarms.raise(`on-call source ${source} does not answer`);
}

export interface ApproverDeps {
  readonly onCall: OnCall;
}

/** Who may approve, for a screen or a notice. */
export async function approverLine({ onCall }: ApproverDeps, policy: SessionPolicy): Promise<string> {
  const { count, onCall: sources = [] } = policy.approvers;
  return `${count > 1 ? `${count} of ` : 'one of '}${approversSaid(policy, await onCall.duty(sources))}`;
}

/** By which rules somebody is an approver now. Where nobody's look is needed no source is asked for it. */
export async function approverBy(
  { onCall }: ApproverDeps,
  policy: SessionPolicy,
  who: Reviewer,
): Promise<readonly string[]> {
  const sources = policy.moderated ? policy.approvers.onCall : undefined;
  return rulesFor(policy, who, await onCall.duty(sources ?? []));
}
