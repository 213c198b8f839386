// The messages of the listings, `whoami` and `locks`. Names and text from outside have been filtered.
export const noRequests = 'No requests are waiting.';
export const noGrants = 'No live grants.';
export const noConnections = 'Nobody is attached.';
export const noSessions = 'You may not ask for any session of this host.';
export const noLocks = 'Nobody is locked out.';

export const requestsHead = ['ID', 'WHO', 'SESSION', 'FOR', 'WAITS', 'REASON'];
export const grantsHead = ['ID', 'REQUEST', 'WHO', 'SESSION', 'LEFT', 'UNTIL', 'APPROVED BY'];
export const connectionsHead = ['ID', 'WHO', 'SESSION', 'MODE', 'FROM', 'SINCE', 'LEFT', 'GRANT', 'APPROVED BY'];
export const sessionsHead = ['SESSION', 'RUNS AS', 'KIND', 'TIME', 'APPROVED BY', 'RUNS FOR', 'STATE'];
export const locksHead = ['LOGIN', 'SINCE', 'BY', 'REASON'];

/** After a session's name: it is view-only. */
export const viewMark = ' (view)';

/** For a listing that shows only break-glass grants. @param say the sentence of the refusal that says why */
export const onlyBreakGlass = (say: string, code: string): string =>
  `Only break-glass access is shown. The rest cannot be read: ${say} [${code}]`;

/** The default and the longest time that may be asked for, of a session. */
export const timeOffered = (standard: string, most: string): string => `${standard}, max ${most}`;

export const byRule = (rule: string): string => `rule ${rule}`;

/** Who approves: people, or rules of the policy. */
export const anyOf = (ways: readonly string[]): string => ways.join(', or ');

export const approvalsFrom = (count: number, approvers: string): string => `${count} of ${approvers}`;

export const startsOnDemand = 'starts on demand';
export const running = 'running';
export const keptRunning = 'kept running, nobody attached';

/** How many are attached to a session. @param most its limit, if it has one */
export const attachedCount = (attached: number, most: number | undefined, mine: boolean): string =>
  `${attached}${most === undefined ? '' : ` of ${most}`} attached${mine ? ', you too' : ''}`;

export const everyoneLocked = '(everyone)';

const verdicts: Readonly<Record<string, string>> = { approve: 'approved', deny: 'denied' };

/** A verdict in the past tense. */
export const didVerdict = (verdict: string): string => verdicts[verdict] ?? verdict;

export const whoamiLines = (facts: {
  readonly login: string;
  readonly host: string;
  readonly address: string;
  readonly key: string | undefined;
  readonly identity: string | undefined;
  readonly groups: string | undefined;
}): readonly string[] => [
  `Login     ${facts.login} on ${facts.host}`,
  `From      ${facts.address} (unverified)`,
  `Key       ${facts.key ?? 'sshd named none'} (unverified)`,
  `Identity  ${facts.identity ?? 'not signed in'}`,
  `Groups    ${facts.groups ?? '-'}`,
];

export const signedInUntil = (claim: string, until: string): string => `${claim}, until ${until}`;

/** In place of "none", after which the person would ask for groups that the provider has given them already. */
export const groupsUnread = (claim: string, form: string): string =>
  `none: the claim "${claim}" came as a ${form}, which tmux-gate cannot read; tell an admin`;
