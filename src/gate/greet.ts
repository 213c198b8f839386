// Begins a conversation with a keeper.
import type { Hello, ToGate } from '../wire/messages.ts';
import type { Channel } from './channel.ts';
import type { LateDashboard } from './late-dashboard.ts';
import type { PictureView } from './picture-view.ts';
import type { Screen } from './screen.ts';
import type { Keyboard } from './terminal.ts';

/** How long to wait for the keeper's first message, which it sends before it does anything else: milliseconds. */
const firstWordMs = 10_000;

/** A visit before "go": the channel to the keeper, and the parts of the gate that show and ask. */
export interface Visit {
  channel: Channel;
  /** The id of the request whose answer this visit waits for. */
  waits?: string | undefined;
  /** Connects to the next keeper. @throws Error when none listens */
  redial(): Promise<Channel>;
  readonly screen: Screen;
  readonly keyboard: Keyboard;
  readonly dashboard: LateDashboard;
  readonly picture: Omit<PictureView, 'settled'>;
  readonly host: string;
}

/** Sends the client claims. @returns the keeper's first message; undefined when none comes in time */
export async function greet({ channel }: Visit, hello: Hello): Promise<ToGate | undefined> {
  channel.send(hello);
  const silence = setTimeout(() => channel.close(), firstWordMs);
  const message = await channel.next();
  clearTimeout(silence);
  return message;
}
