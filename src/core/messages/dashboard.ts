// The text of the dashboard (`watch`): headings, keys, questions, and the details of a row. Text from outside has been filtered
// (keeper/dashboard/frame.ts).
import { noConnections, noGrants, noRequests, requestsHead } from './listings.ts';

export const lists = {
  requests: { title: 'Requests', empty: noRequests, head: requestsHead },
  grants: { title: 'Grants', empty: noGrants, head: ['ID', 'WHO', 'SESSION', 'LEFT', 'UNTIL', 'APPROVED BY'] },
  connections: {
    title: 'Connections',
    empty: noConnections,
    head: ['ID', 'WHO', 'SESSION', 'LEFT', 'SINCE', 'FROM', 'GRANT'],
  },
} as const;

export const titleLine = (host: string, tabs: string): string => `tmux-gate on ${host}  ${tabs}`;

/** The keys of a list, in versions for narrower and narrower terminals. */
export const listKeys = [
  'up down select   enter details   a approve   d deny   r revoke   tab next list   ? help   q quit',
  'j k select  enter details  a approve  d deny  r revoke  tab next  ? help  q quit',
  'j k  enter  a d r  tab  ? help  q quit',
] as const;
export const sureKeys = 'y to revoke, any other key to cancel';
export const questionKeys = 'Enter to continue, Esc to cancel';
export const helpKeys = 'j k scroll  enter or q: back';
export const detailKeys = 'j k scroll  a d r  enter or q: back';

export const keyHelp = [
  'arrows, j k  select a row',
  'tab          next list',
  'enter        details of the row',
  'a            approve, after a sign-in',
  'd            deny: a reason, a sign-in',
  'r            revoke access: a reason',
  'b            the bell: on or off',
  'Ctrl-L       redraw the screen',
  'q, Ctrl-C    quit, or cancel a sign-in',
] as const;

export const working = 'One moment ...';
export const rowGone = 'This row is gone. Press Enter to go back.';
export const bellOn = 'The bell is on.';
export const bellOff = 'The bell is off.';
export const nothingDone = 'Nothing was done.';
/** After a key without a selection, which only selects a row, so that the person sees for which row the next key is. */
export const firstSelected = (id: string): string =>
  `Selected ${id}. Press the key again, or the arrows for another row.`;
export const emptyList = 'This list is empty.';
export const revokeElsewhere = 'To revoke, press Tab until you see grants or connections.';
export const reviewElsewhere = 'To approve or deny, press Tab until you see requests.';
export const denialNeedsReason = 'A denial needs a reason. Esc to cancel.';
export const selectAgain = (id: string): string => `${id} is gone. Select a row again.`;

/** What a question is about. */
export const aboutRow = (id: string, who: string, session: string): string => `${id} (${who}, ${session})`;
export const sureToRevoke = (about: string): string => `Revoke ${about}?`;
export const reasonTo = (verb: 'deny' | 'revoke', about: string): string =>
  `Reason to ${verb} ${about}${verb === 'revoke' ? ' (optional)' : ''}:`;

/** After the headings of a list: which rows are shown, of how many. */
export const rowsShown = (from: number, to: number, all: number): string => `  (${from}-${to} of ${all})`;
export const othersUnread = '  (the rest cannot be read)';
export const listProblem = (say: string, code: string, hint: string): string => `${say} [${code}] ${hint}`;

const detail = (label: string, text: string): string => `  ${label.padEnd(10)}${text}`;

/** @param facts the lines that a reviewer reads. */
export const requestDetails = (
  id: string,
  facts: readonly string[],
  { answerBy, reviews }: { readonly answerBy: string; readonly reviews: readonly string[] },
): readonly string[] => [
  `Request ${id}`,
  ...facts,
  detail('Answer by', answerBy),
  detail('Reviews', reviews.length === 0 ? 'none yet' : reviews.join(', ')),
];

export const reviewedBy = (did: string, login: string): string => `${did} by ${login}`;

export const grantDetails = (grant: {
  readonly id: string;
  readonly request: string;
  readonly who: string;
  readonly session: string;
  readonly host: string;
  readonly reason: string;
  readonly approvedBy: string;
  readonly start: string;
  readonly end: string;
}): readonly string[] => [
  `Grant ${grant.id}`,
  detail('Request', grant.request),
  detail('Who', grant.who),
  detail('Session', `${grant.session} on ${grant.host}`),
  detail('Reason', grant.reason),
  detail('Approved', `${grant.approvedBy}, ${grant.start}`),
  detail('Until', grant.end),
];

export const connectionDetails = (connection: {
  readonly id: string;
  readonly who: string;
  readonly address: string;
  readonly session: string;
  readonly input: string;
  readonly grant: string;
  readonly request: string;
  readonly reason: string;
  readonly since: string;
  readonly end: string;
}): readonly string[] => [
  `Connection ${connection.id}`,
  detail('Who', connection.who),
  detail('From', `${connection.address} (unverified)`),
  detail('Session', connection.session),
  detail('Input', connection.input),
  detail('Grant', `${connection.grant} (request ${connection.request})`),
  detail('Reason', connection.reason),
  detail('Since', connection.since),
  detail('Until', connection.end),
];
