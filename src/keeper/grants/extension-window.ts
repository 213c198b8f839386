// The window of an extension, from the book as it is at that moment (core/extension.ts). Nothing here is awaited.
import { grantedMore } from '../../core/extension.ts';
import { effectiveEnd, type LiveGrant } from '../../core/grant.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import type { RequestFacts } from '../../core/request.ts';
import { windowEnd } from '../../core/time.ts';
import type { LiveGrants } from './live-grants.ts';

export interface ExtensionWindowDeps {
  readonly liveGrants: LiveGrants;
  readonly host: string;
  now(): number;
}

/** The live grant that a request is to prolong: of the same person, for the same session. */
export function prolonged(
  deps: ExtensionWindowDeps,
  { extends: named, who, session, mode }: RequestFacts,
): LiveGrant | undefined {
  const { liveGrants, host } = deps;
  return liveGrants.latestFor(
    who,
    { host, session, login: who.login },
    ({ grant }) => grant.id === named?.grant && grant.mode === mode,
  );
}

/** The end that counts: of the person's live grants for this session and to do the same in it, the latest. */
export function endFor(deps: ExtensionWindowDeps, { who, session, mode }: RequestFacts): number | undefined {
  const scope = { host: deps.host, session, login: who.login };
  const live = deps.liveGrants.latestFor(who, scope, ({ grant }) => grant.mode === mode);
  return live === undefined ? undefined : effectiveEnd(live);
}

/** By how much an extension would go on if it were granted now; 0 when by nothing. */
export function moreFor(
  deps: ExtensionWindowDeps,
  facts: RequestFacts,
  policy: SessionPolicy,
  askedMs: number,
): number {
  const end = endFor(deps, facts);
  return end === undefined ? 0 : grantedMore(askedMs, end, deps.now(), policy.window.maxMs);
}

export interface Span {
  readonly start: number;
  readonly end: number;
  /** What was granted of what was asked for: milliseconds. */
  readonly givenMs: number;
  /** Of an extension: the grant, and the end that it moves. */
  readonly extends?: string;
  readonly from?: number;
}

/** The window that starts now; undefined when there is nothing (left) to prolong. */
export function spanOf(
  deps: ExtensionWindowDeps,
  facts: RequestFacts,
  policy: SessionPolicy,
  givenMs: number,
): Span | undefined {
  const start = deps.now();
  if (facts.extends === undefined) return { start, end: windowEnd(start, givenMs), givenMs };
  const [live, end = 0] = [prolonged(deps, facts), endFor(deps, facts)];
  const more = moreFor(deps, facts, policy, givenMs);
  if (live === undefined || more === 0) return undefined;
  return { start, end: windowEnd(end, more), givenMs: more, extends: live.grant.id, from: end };
}
