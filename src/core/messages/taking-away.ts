// The messages of `lock`, `unlock`, `revoke` and `unpin`. Names have been filtered.

/** The purpose of the sign-in for `unlock`, as page and screen show it. @param login undefined: everyone's lock */
export const unlockOf = (login: string | undefined): string => `UNLOCK ${login ?? 'EVERYONE'}`;

export const confirmed = (host: string, sure: boolean): string => `${host}: ${confirmedThere(sure)}`;

/** The same after the names of several hosts. */
export const confirmedThere = (sure: boolean): string =>
  `${sure ? 'confirmed' : 'NOT CONFIRMED; it is told again as soon as it can be reached'}.`;

/** The grants of a batch, after the names of its hosts. Login and session are filtered. */
export const revokedFor = (login: string, session: string): string => `revoked ${login} for ${session};`;

/** On how many servers of the store a revocation or a lock stands. @param copies undefined: there is one server, or it cannot be told */
export function copiesLine(copies: number | undefined): readonly string[] {
  if (copies === undefined) return [];
  if (copies > 1) return [`It stands on ${copies} Redis servers.`];
  return [
    'It stands on one Redis server only, since no replica has it yet. If that one fails now, this host says it again.',
  ];
}

/** A lock or unlock that was made. @param login undefined: everyone */
export const lockChanged = (login: string | undefined, locked: boolean): string =>
  `${locked ? 'Locked' : 'Unlocked'} ${login ?? 'everyone'}.`;

export interface EndedCounts {
  readonly connections?: number;
  readonly grants?: number;
  readonly requests?: number;
  readonly signIns?: number;
}

/** What a lock ended on this host; zeros show that the login had nothing here. */
export function endedHere({ connections = 0, grants = 0, requests = 0, signIns = 0 }: EndedCounts): string {
  const parts = [some(connections, 'connection'), some(grants, 'grant'), some(requests, 'request')];
  return `Ended here: ${[...parts, some(signIns, 'sign-in')].join(', ')}.`;
}

const some = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

export const waitingForHosts = 'Waiting for the other hosts to confirm';
export const waitingForHost = (host: string): string => `Waiting for ${host} to confirm`;

export const revokedOf = (what: {
  readonly grant: string;
  readonly request: string;
  readonly login: string;
  readonly session: string;
}): string => `Revoked ${what.grant} (request ${what.request}) of ${what.login} for ${what.session}.`;

/** After a revocation, another grant of the same person that is still live. @param revoke the command that ends it too */
export const stillHas = (login: string, session: string, until: string, revoke: string): string =>
  `${login} still has access to ${session} until ${until}. To end it as well: ${revoke}`;

export const unpinned = (login: string): string =>
  `Unpinned ${login}: the next person who signs in as ${login} is pinned to it.`;
export const wasNotPinned = (login: string): string => `${login} was not pinned to anybody.`;
