// The keeper's messages while the relay runs. When the keeper ends, the gate goes on to its own deadline, and connects to the next keeper
// with a secret that only this connection has (docs/design.md, "When something is gone").
import { protocolVersion, type Go, type InputRule, type Looked } from '../wire/messages.ts';
import type { EndReason } from './end.ts';
import { dial, type Channel } from './channel.ts';

/** What is called for each message of the keeper. */
export interface KeeperWords {
  readonly deadline: (end: number, expired: readonly string[]) => void;
  readonly input: (rule: InputRule) => void;
  readonly looked: (answer: Looked) => void;
  readonly cut: (lines: readonly string[], exit: number) => void;
  /** The keeper cannot be reached; it is, once another of these is called. */
  readonly lost: () => void;
}

/** What the relay reports to the keeper; lost while none can be reached. */
export interface Keeper {
  /** How long to wait for the keeper's own message when it may have ended the connection: milliseconds. */
  wordMs(): number;
  /** The tmux client is stopped, and the keeper has to continue it. */
  stopped(): void;
  /** Asks how the session takes what is typed (`look` of wire/messages.ts). */
  look(n: number, rows: readonly string[]): void;
  /** The connection is over; no keeper is looked for after this. */
  ended(why: EndReason, exit: number): void;
}

const retryMs = 500;
const saidWithinMs = 300;

/** Follows the keeper, and each next keeper, until the connection is over. */
export function followKeeper(first: Channel, go: Go, rejoinSocket: string, words: KeeperWords): Keeper {
  let line: Channel | undefined = first;
  let over = false;
  const running = (): boolean => !over;
  const follow = async (): Promise<void> => {
    while (running()) {
      if (line !== undefined) await hearAll(line, words);
      line = undefined;
      if (running()) words.lost();
      line = running() ? await again(rejoinSocket, go) : undefined;
    }
  };
  void follow();
  return {
    wordMs: () => (line === undefined ? retryMs + saidWithinMs : saidWithinMs),
    stopped: () => line?.send({ t: 'stopped' }),
    look: (n, rows) => line?.send({ t: 'look', n, rows }),
    ended: (why, exit) => {
      over = true;
      line?.send({ t: 'ended', why, exit });
    },
  };
}

async function hearAll(line: Channel, words: KeeperWords): Promise<void> {
  for (;;) {
    const message = await line.next();
    // After a message that cannot be read the socket may still be open; only when it is closed does the keeper accept this gate again.
    if (message === undefined) return line.close();
    if (message.t === 'deadline') words.deadline(message.end, message.expired);
    else if (message.t === 'input') words.input(message.rule);
    else if (message.t === 'looked') words.looked(message);
    else if (message.t === 'cut') words.cut(message.lines, message.exit);
    else return line.close();
  }
}

async function again(rejoinSocket: string, go: Go): Promise<Channel | undefined> {
  await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
  try {
    const line = await dial(rejoinSocket);
    line.send({ t: 'rejoin', v: protocolVersion, id: go.id, secret: go.secret, pid: process.pid });
    return line;
  } catch {
    return undefined;
  }
}
