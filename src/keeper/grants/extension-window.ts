// The window of an extension, computed from the live grants of this moment (core/extension.ts). Nothing here is awaited.
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

/** The live grant that a request would extend: of the same person, session and access mode. */
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

/** When the person's access to this session in this access mode ends (ms since the epoch): the latest end of their live grants. */
export function endFor(deps: ExtensionWindowDeps, { who, session, mode }: RequestFacts): number | undefined {
  const scope = { host: deps.host, session, login: who.login };
  const live = deps.liveGrants.latestFor(who, scope, ({ grant }) => grant.mode === mode);
  return live === undefined ? undefined : effectiveEnd(live);
}

/** By how many milliseconds an extension would move that end if it were granted now; 0 when it would not. */
export function moreFor(
  deps: ExtensionWindowDeps,
  facts: RequestFacts,
  policy: SessionPolicy,
  askedMs: number,
): number {
  const end = endFor(deps, facts);
  return end === undefined ? 0 : grantedMore(askedMs, end, deps.now(), policy.window.maxMs);
}

/** The window of a grant: milliseconds since the epoch. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** How much of the requested time was granted: milliseconds. */
  readonly givenMs: number;
  /** Of an extension: the id of the grant, and the end that it moves. */
  readonly extends?: string;
  readonly from?: number;
}

/** The window that starts now; undefined when there is nothing (left) to extend. @param givenMs the approved time. */
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
