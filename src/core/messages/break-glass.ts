// The messages to people who use, issue and review break-glass codes.
import { formatInstant } from '../time.ts';

export const codesShownOnce =
  'Each opens one session once. They are shown this one time; keep them where on-call finds them.';

export const noCodes = 'No code was ever issued.';

export function useWaits(login: string): string {
  return `The use by ${login} waits for: tmux-gate break-glass review --reason ...`;
}

export function voided(count: number): string {
  return `Voided ${count} ${count === 1 ? 'code' : 'codes'}.`;
}

export const nothingToReview = 'No use of break-glass waits for a review.';

export function reviewed(login: string, session: string, at: number): string {
  return `Reviewed: ${login} in ${session} on ${formatInstant(at)}. Codes open again.`;
}

export const codePrompt = '  Break-glass code: ';

/** What is wrong with a command about codes, in the sentence of BAD_COMMAND. */
export const codeProblems = {
  howMany: (most: number): string => `issue 1 to ${most} codes`,
  which: 'name one code, or --all',
  full: (most: number): string => `${most} codes are open; void some first`,
};
