// An attempt of the probe, and how its answer is judged.
//
// 1. A refusal by the gate or by sshd is "refused"; a proof that something opened is OPEN; everything else is "unknown". Accident: a guess
//    that hides an opening.
import { stripVTControlCharacters } from 'node:util';
import { requestChannel, Channel } from '../../adapters/ssh/channel.ts';
import type { Line } from '../../adapters/ssh/line.ts';
import { sanitizeLine } from '../../core/text.ts';

export type Verdict = 'refused' | 'OPEN' | 'unknown';

/** What an attempt showed. */
export interface Saw {
  readonly verdict: Verdict;
  /** The answer, in a few words. */
  readonly saw: string;
}

/** Something that the gate must refuse. */
export interface Attempt {
  readonly id: string;
  readonly tried: string;
  /** The danger when it is not refused. */
  readonly means: string;
  readonly remedy: string;
  run(call: Call): Promise<Saw>;
}

/** An attempt and its answer. */
export interface Result extends Saw {
  readonly attempt: Attempt;
}

/** What an attempt works with. Its caller closes the connections that it opens. */
export interface Call {
  /** Opens an ssh connection for the attempt. @throws NoLine when it cannot */
  dial(): Promise<Line>;
  /** The ways to authenticate that sshd offers. @throws NoLine when it cannot be reached */
  offered(): Promise<readonly string[]>;
  /** Paths of Unix sockets of the host, to be tried. */
  readonly sockets: readonly string[];
}

export const refused = (saw: string): Saw => ({ verdict: 'refused', saw });
export const open = (saw: string): Saw => ({ verdict: 'OPEN', saw });
export const unknown = (saw: string): Saw => ({ verdict: 'unknown', saw });

const shownLength = 80;

/** Text from the other side as one short filtered line (law 9). */
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

/** The code of the gate's refusal in what was received (`tmux-gate: … [NO_PTY]`); undefined when there is none. */
export function refusalIn(heard: string): string | undefined {
  return /tmux-gate: [^[]{1,500}\[([A-Z_]{2,40})\]/.exec(plain(heard))?.[1];
}

/** Where in its conversation the gate is, and whether Ctrl-C may be sent there; undefined when the text is not the gate's. */
export function conversationIn(heard: string): { readonly where: string; readonly cancel: boolean } | undefined {
  return conversation.find(({ says }) => says.test(plain(heard)));
}

/** The first match counts. In a session, and while the person's own request waits, a key would have an effect, so none is sent. */
const conversation = [
  { says: /until \d\d:\d\d:\d\d UTC \(/, where: 'lets in under a live grant', cancel: false },
  { says: /Request [0-9A-Z]{6}\b/, where: 'shows the request that waits', cancel: false },
  { says: /Which one\?/, where: 'asks which session', cancel: true },
  { says: /Reason(?: \(|[:,])/, where: 'asks for a reason', cancel: true },
  { says: /How long\?/, where: 'asks for how long', cancel: true },
  {
    says: /tmux-gate on \S+: sign in as|Asking the identity provider for a code/,
    where: 'asks for a sign-in',
    cancel: true,
  },
];

/** Opens a session channel (RFC 4254 section 6.1). @throws Error with the server's answer when it opens none */
export async function session(line: Line): Promise<Channel> {
  const opened = await requestChannel(line, 'session', Buffer.alloc(0));
  if (opened instanceof Channel) return opened;
  throw new Error(`no session: ${opened.problem}`);
}

/** Waits for the gate's refusal, for the proof that something ran, or for the end of the channel. @param ran matches the proof */
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

/** What a channel shows that ended without a refusal by the gate. */
export function ended({ heard, exit }: Channel): Saw {
  if (exit === notFound) return open(`a shell tried to run it: ${shown(heard)}`);
  return unknown(heard === '' ? 'ended without output' : `unexpected output: ${shown(heard)}`);
}
