// The messages to an engineer who waits for a sign-in or for an answer, and about the answer.
import { formatDuration } from '../time.ts';

export const askingForCode = 'Asking the identity provider for a code';
export const waitingForSignIn = 'Waiting for your sign-in';

export interface Invitation {
  readonly host: string;
  /** What the sign-in is for. */
  readonly purpose: string;
  readonly link: string;
  readonly code: string;
  /** The QR code's rows; empty when it does not fit on the terminal. */
  readonly qr: readonly string[];
}

export function invitation({ host, purpose, link, code, qr }: Invitation): readonly string[] {
  const picture = qr.length === 0 ? [] : ['', ...qr];
  return ['', `  tmux-gate on ${host}: ${purpose}`, '', `  Open  ${link}`, `  Code  ${code}`, ...picture, ''];
}

/** What a sign-in is for. */
export const purposes = {
  signIn: (login: string): string => `sign in as ${login}`,
  review: (verdict: 'approve' | 'deny', requests: readonly string[]): string =>
    `${verdict.toUpperCase()} ${requests.join(' ')}`,
  byRule: 'ASK WITHOUT AN APPROVER',
  breakGlass: 'REVIEW BREAK-GLASS',
  accessReview: (period: string, session: string): string => `SIGN OFF THE ACCESS REVIEW ${period} OF ${session}`,
};

/** The sign-in is complete. @param claim filtered */
export function signedIn(claim: string): string {
  return `  Signed in as ${claim}.`;
}

export function waitingFor(request: string): string {
  return `Waiting for approval of ${request}`;
}

/** The request was approved. @param by login and claim of each approver, filtered */
export function approvedBy(by: readonly string[]): string {
  return `  Approved by ${by.join(', ')}.`;
}

/** What an approver wrote. @param login of the approver. @param reason filtered */
export function approverSays(login: string, reason: string): string {
  return `  ${login}: ${reason}`;
}

const shortened = '  Shortened to ';

export function shortenedTo(givenMs: number, askedMs: number): string {
  return `${shortened}${formatDuration(givenMs)}; you asked for ${formatDuration(askedMs)}.`;
}

/** Whether a line says that less was granted than was asked for. */
export function saysShortened(line: string): boolean {
  return line.startsWith(shortened);
}

export const enterGoesOn = '  Press Enter to continue. ';
