// The first words of a conversation.
import type { Hello, ToGate } from '../wire/messages.ts';
import type { Channel } from './channel.ts';
import type { LateDashboard } from './late-dashboard.ts';
import type { Screen } from './screen.ts';
import type { Keyboard } from './terminal.ts';

/** How long the keeper may take for its first word, which it says before anything else that it does: milliseconds. */
const firstWordMs = 10_000;

/** One conversation, and what it is held with. */
export interface Visit {
  channel: Channel;
  /** The request whose answer is waited for. */
  waits?: string | undefined;
  /** Knocks at the next keeper. @throws Error when none is there */
  redial(): Promise<Channel>;
  readonly screen: Screen;
  readonly keyboard: Keyboard;
  readonly dashboard: LateDashboard;
  readonly host: string;
}

/** @returns the keeper's first word; undefined when none comes in time. */
export async function greet({ channel }: Visit, hello: Hello): Promise<ToGate | undefined> {
  channel.send(hello);
  const silence = setTimeout(() => channel.close(), firstWordMs);
  const message = await channel.next();
  clearTimeout(silence);
  return message;
}
