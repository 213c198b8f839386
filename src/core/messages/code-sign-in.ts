// The messages to a person who signs in by a link, and pastes the address at which their browser ends.

export const askingForLink = 'Asking the identity provider for a link';
export const checkingAddress = 'Checking the address with the identity provider';
export const addressPrompt = '  Address: ';
export const flowPrompt = '  Which one? [1] ';
export const noSuchFlow = '  Type 1 or 2.';

/** The question which flow to use, where the policy leaves it to the person. */
export const flowChoice: readonly string[] = [
  '',
  '  How do you want to sign in?',
  '    1  with a code, in a browser on any device',
  '    2  with a link, in a browser on this computer, from which you paste an address back',
  '',
];

export interface LinkInvitation {
  readonly host: string;
  /** What the sign-in is for. */
  readonly purpose: string;
  readonly link: string;
  /** Where the browser ends. */
  readonly redirect: string;
  /** Whether the person's terminal is ours: without one, what they paste is echoed and may be cut. */
  readonly tty: boolean;
}

const loopback = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/]/;

/** The link, and what to do with it. */
export function linkInvitation({ host, purpose, link, redirect, tty }: LinkInvitation): readonly string[] {
  const ends = loopback.test(redirect)
    ? `  After the sign-in your browser says that it cannot connect to ${redirect}. That is expected, since nothing listens there.`
    : `  After the sign-in your browser is at ${redirect}.`;
  const shown = tty
    ? 'It is not shown.'
    : 'Without a terminal of tmux-gate (ssh -t) it stays on your screen, and a long one may be cut off.';
  return [
    ...['', `  tmux-gate on ${host}: ${purpose}`, '', `  Open  ${link}`, '', ends],
    `  Copy the whole address from its address bar, paste it here within 5 minutes, and press Enter. ${shown}`,
    '',
  ];
}

const copyAll = 'After you have signed in at the link above, copy all of the address bar, from http to the end.';
const another = 'Open the link above, and paste the address that comes of it.';

/** What to do where another address may be pasted, by the code of what was wrong with the last one. */
const slips = {
  ADDRESS_INCOMPLETE: copyAll,
  ADDRESS_BARE: copyAll,
  ADDRESS_CUT: 'Press Ctrl-C and run the same command with ssh -t, which takes the whole address.',
  ADDRESS_ELSEWHERE: 'Sign in at the link above, and paste what your browser shows then.',
  ADDRESS_OF_ANOTHER: 'Paste it in the terminal that showed its link, or open the link above for this one.',
  ADDRESS_UNKNOWN: another,
  ADDRESS_USED: another,
  ADDRESS_OLD: another,
} as const;

/** What was pasted cannot be used, and may be pasted again. @param say the sentence of the refusal */
export function addressSlip(code: keyof typeof slips, say: string): string {
  return `  ${say} ${slips[code]}`;
}
