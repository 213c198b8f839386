// Who has proved themselves on this host lately, so that a requester reads names and not only groups.
//
// 1. A hint for the eye: nothing is decided by it (law 2), so it is neither signed nor waited for, and a file that is lost or cannot be
//    read is an empty one.
// 2. Bounded: the latest of so many people, for so long, in the groups that the policy knows.
import { readState, writeState } from '../../adapters/state-file.ts';
import type { Log } from '../../adapters/log.ts';
import type { Config } from '../../core/policy-types.ts';
import { integer, list, object, text } from '../../core/shape.ts';
import { day } from '../../core/time.ts';

const mostKnown = 500;
const keptMs = 90 * day;
const knownShape = object({ login: text(64), claim: text(320), groups: list(text(255), 500), at: integer(0) });
export type Known = NonNullable<ReturnType<typeof knownShape>>;

export interface RecentUsers {
  met(who: Omit<Known, 'at'>): void;
  /** The people of any of these groups, the last seen first. */
  of(groups: readonly string[]): readonly Known[];
}

export async function openRecentUsers(path: string, config: Config, now: () => number, log: Log): Promise<RecentUsers> {
  const unread = (error: unknown): undefined => {
    log.warn('directory-not-read', { error });
    return undefined;
  };
  let known = (await readState(path, list(knownShape, mostKnown)).catch(unread)) ?? [];
  const told = new Set(Object.values(config.sessions).flatMap(({ approvers }) => approvers.groups));
  return {
    met: ({ login, claim, groups }) => {
      const entry = { login, claim, groups: groups.filter((group) => told.has(group)), at: now() };
      const others = known.filter((one) => one.login !== login && now() - one.at < keptMs);
      known = [entry, ...others].slice(0, mostKnown);
      writeState(path, known, false).catch((error: unknown) => log.warn('directory-not-kept', { error }));
    },
    of: (groups) => known.filter((one) => one.groups.some((group) => groups.includes(group))),
  };
}
