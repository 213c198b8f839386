// The messages of the verb `review`: the access review of a period. Names and text from outside are filtered where they are printed.
import { formatInstant } from '../time.ts';

/** What the rows of a listing are about, above them. */
export const reviewed = {
  exception: 'Exceptions',
  access: 'Had access in the period',
  unused: 'May ask, and was not attached in the 90 days before the end of the period',
  used: 'May ask, and was attached in those 90 days',
  approver: 'May approve, by a group',
  'may-ask': 'May ask: members of',
  'may-approve': 'May approve: by',
  'approves-alone': 'Approves without a person',
  policy: 'Policy in force since, by its SHA-256',
} as const;

/** What a row says of somebody. */
export const standings = {
  glassUnreviewed: 'break-glass, never reviewed',
  glass: 'break-glass',
  auto: 'approved by a rule, not by a person',
  byRule: (rule: string, count: number): string => `${count} by rule ${rule}`,
  viewed: (count: number): string => `${count} as an approver who watches`,
  neverAttached: 'never attached',
  unknown: 'not known by any sign-in',
  gone: 'the provider no longer knows them',
  otherPerson: 'the login belongs to another person now',
  noGroup: 'in no group that may ask today',
  neverSeen: 'never attached to this session',
  noSignIn: 'nobody has signed in: groups not known',
  needed: (count: number): string => `${count} needed`,
  begins: 'the journal begins here: what was before is not known',
  lost: (reason: string): string => `records of the journal were lost, and root accepted it: ${reason}`,
};

export const noRows = 'none';

/** The columns of rows about people, by what the rows are about. */
export const peopleHeads = {
  exception: ['WHO', 'IDENTITY', 'BY', 'GRANTS', 'AT', 'WHAT'],
  access: ['WHO', 'IDENTITY', 'APPROVED BY', 'GRANTS', 'ATTACHED', 'TIME', 'FIRST', 'LAST', 'NOTE'],
  may: ['WHO', 'IDENTITY', 'GROUP', 'SIGNED IN SINCE', 'LAST ATTACHED', 'NOTE'],
} as const;

/** @param last the last day that is part of the period: instant, ms */
export function listingTitle(session: string, host: string, period: string): string {
  return `Access review of ${session} on ${host}, ${period} (UTC)`;
}

export const digestLine = (sha256: string): string => `SHA-256 of this listing: ${sha256}`;

export const lookedAtLine = (
  {
    at,
    sha256,
    reason,
    isOwn,
  }: { readonly at: number; readonly sha256: string; readonly reason: string; readonly isOwn: boolean },
  by: string,
  now: string,
): string =>
  `Looked at by ${by} on ${formatInstant(at)}${isOwn ? ', who had access too' : ''}${sha256 === now ? '' : `, as it was then (${sha256})`}: ${reason}`;

export const notLookedAt = 'Nobody has signed this off.';
export const missingLine = (periods: readonly string[]): string => `Not signed off before: ${periods.join(', ')}`;

export const signOffCommand = (host: string, period: string, session: string, sha256: string): string =>
  `To sign it off: ssh ${host} review --period ${period} --session ${session} --looked-at ${sha256} --reason what you found`;

/** @param end of the period: instant, ms */
export const notOver = (period: string, end: number): string =>
  `${period} is not over: it ends on ${formatInstant(end)}. This is a part of it, and cannot be signed off.`;

export const tooLong = (session: string): string =>
  `The listing of ${session} is too long to show here. Choose it alone with --session, or a shorter period.`;

/** What is wrong with the command, in the sentence of BAD_COMMAND. */
export const reviewProblems = {
  noPeriod: 'Name a period: --period 2026-Q3, 2026-07 or 2026-07-01..2026-09-30',
  noSession: 'Name the session that you looked at: --session',
  noRemark: 'Say what you found: --reason',
};

/** What is about to be signed off, before the code of the sign-in. */
export const signOffHead = (period: string, session: string, sha256: string): readonly string[] => [
  '',
  `You are about to sign off the access review ${period} of ${session}:`,
  `  SHA-256  ${sha256}`,
];

export const signedOff = (period: string, session: string): string => `Signed off: ${period}, ${session}.`;
