// One thing that is tried from outside, and how an answer is read.
//
// 1. A word of the gate, or of sshd, that refuses is a refusal; a proof that something opened is OPEN; everything else is unknown,
//    never a guess.
import { stripVTControlCharacters } from 'node:util';
import { requestChannel, Channel } from '../../adapters/ssh/channel.ts';
import type { Line } from '../../adapters/ssh/line.ts';
import { sanitizeLine } from '../../core/text.ts';

export type Verdict = 'refused' | 'OPEN' | 'unknown';

export interface Saw {
  readonly verdict: Verdict;
  /** In a few words. */
  readonly saw: string;
}

export interface Attempt {
  readonly id: string;
  readonly tried: string;
  /** What it means when it is open. */
  readonly means: string;
  readonly remedy: string;
  run(call: Call): Promise<Saw>;
}

export interface Result extends Saw {
  readonly attempt: Attempt;
}

/** What an attempt has to work with; whoever runs it ends its connections. */
export interface Call {
  /** A connection of its own. @throws NoLine */
  dial(): Promise<Line>;
  /** @throws NoLine */
  offered(): Promise<readonly string[]>;
  /** Unix sockets of the host that are tried. */
  readonly sockets: readonly string[];
}

export const refused = (saw: string): Saw => ({ verdict: 'refused', saw });
export const open = (saw: string): Saw => ({ verdict: 'OPEN', saw });
export const unknown = (saw: string): Saw => ({ verdict: 'unknown', saw });

const shownLength = 80;

/** What somebody else wrote, fit to be shown (law 9). */
export function shown(text: string): string {
  return sanitizeLine(
    plain(text)
      .replace(/[\s\p{C}\uFFFD]+/gu, ' ')
      .trim(),
    shownLength,
  );
}

function plain(text: string): string {
  return stripVTControlCharacters(Buffer.from(text, 'latin1').toString('utf8'));
}

/** The code of the gate's refusal: `tmux-gate: … [NO_PTY]`. */
export function refusalIn(heard: string): string | undefined {
  return /tmux-gate: [^[]{1,500}\[([A-Z_]{2,40})\]/.exec(plain(heard))?.[1];
}

/** Where in its conversation the gate is, and whether a key may be pressed there. */
export function conversationIn(heard: string): { readonly where: string; readonly cancel: boolean } | undefined {
  return conversation.find(({ says }) => says.test(plain(heard)));
}

/** The first that matches. In a session, and before one's own request, a key would do something: there the line is dropped. */
const conversation = [
  { says: /until \d\d:\d\d:\d\d UTC \(/, where: 'lets in under a live grant', cancel: false },
  { says: /Request [0-9A-Z]{6}\b/, where: 'shows the request that waits', cancel: false },
  { says: /Which one\?/, where: 'asks which session', cancel: true },
  { says: /Reason(?: \(|:)/, where: 'asks for a reason', cancel: true },
  { says: /For how long\?/, where: 'asks for how long', cancel: true },
  {
    says: /tmux-gate on \S+: sign in as|Asking the identity provider for a code/,
    where: 'asks for a sign-in',
    cancel: true,
  },
];

/** A session channel on a connection of its own, or what the server said instead. */
export async function session(line: Line): Promise<Channel> {
  const opened = await requestChannel(line, 'session', Buffer.alloc(0));
  if (opened instanceof Channel) return opened;
  throw new Error(`no session: ${opened.problem}`);
}

/** Waits for the gate's refusal, for the proof that something ran, or for the end. */
export async function judge(channel: Channel, ran: RegExp): Promise<Saw> {
  for (;;) {
    const code = refusalIn(channel.heard);
    if (ran.test(channel.heard)) return open(`it ran: ${shown(channel.heard)}`);
    if (code !== undefined) return refused(`the gate says ${code}`);
    if (channel.over) return ended(channel);
    await channel.more();
  }
}

const notFound = 127; // sh: command not found

export function ended({ heard, exit }: Channel): Saw {
  if (exit === notFound) return open(`a shell looked for it: ${shown(heard)}`);
  return unknown(heard === '' ? 'ended without a word' : `not the gate's words: ${shown(heard)}`);
}
