// The messages to people who use, issue and review break-glass codes.
import { formatInstant } from '../time.ts';

export const codesShownOnce =
  'Each code opens one session once. The codes are shown only now: keep them where on-call finds them.';

export const noCodes = 'No break-glass codes have been issued.';

export function useWaits(login: string): string {
  return `The use by ${login} must be reviewed: tmux-gate break-glass review --reason ...`;
}

export function voided(count: number): string {
  return `Voided ${count} ${count === 1 ? 'code' : 'codes'}.`;
}

export const nothingToReview = 'No use of break-glass needs a review.';

export function reviewed(login: string, session: string, at: number): string {
  return `Reviewed: ${login} in ${session} on ${formatInstant(at)}. Break-glass codes work again.`;
}

export const codePrompt = '  Break-glass code: ';

/** What is wrong with a command about codes, in the sentence of BAD_COMMAND. */
export const codeProblems = {
  howMany: (most: number): string => `Issue 1 to ${most} codes`,
  which: 'Name one code, or --all',
  full: (most: number): string => `${most} codes are unused already. Void some first`,
};
