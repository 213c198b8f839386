// The people who signed in on this host lately, so that a requester reads the names of approvers and not only of groups.
//
// 1. Only shown; nothing is decided by it (law 2). So it is not signed, nobody waits for its writes, and a file that is lost or unreadable
//    counts as empty.
// 2. Bounded: the latest 500 people, for 90 days, with the groups that the policy names.
import { readState, writeState } from '../../adapters/state-file.ts';
import type { Log } from '../../adapters/log.ts';
import type { Config } from '../../core/policy-types.ts';
import { integer, list, object, text } from '../../core/shape.ts';
import { day } from '../../core/time.ts';

const mostKnown = 500;
const keptMs = 90 * day;
const knownShape = object({ login: text(64), claim: text(320), groups: list(text(255), 500), at: integer(0) });
/** A person: login, claim, groups, and when they were last seen (`at`: ms since the epoch). */
export type Known = NonNullable<ReturnType<typeof knownShape>>;

/** Recent people, by group. */
export interface RecentUsers {
  /** Notes that this person has signed in now; written in the background. */
  met(who: Omit<Known, 'at'>): void;
  /** People who are in any of these groups, the last seen first. */
  of(groups: readonly string[]): readonly Known[];
}

/** Reads the file; an unreadable one is logged. Never rejects. */
export async function openRecentUsers(path: string, config: Config, now: () => number, log: Log): Promise<RecentUsers> {
  const unread = (error: unknown): undefined => {
    log.warn('directory-not-read', { error });
    return undefined;
  };
  let known = (await readState(path, list(knownShape, mostKnown)).catch(unread)) ?? [];
  return {
    met: ({ login, claim, groups }) => {
      const told = new Set(Object.values(config.sessions).flatMap(({ approvers }) => approvers.groups));
      const entry = { login, claim, groups: groups.filter((group) => told.has(group)), at: now() };
      const others = known.filter((one) => one.login !== login && now() - one.at < keptMs);
      known = [entry, ...others].slice(0, mostKnown);
      writeState(path, known, false).catch((error: unknown) => log.warn('directory-not-kept', { error }));
    },
    of: (groups) => known.filter((one) => one.groups.some((group) => groups.includes(group))),
  };
}
