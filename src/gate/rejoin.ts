// The keeper's word while the relay runs, also over the keeper's own death (docs/design.md, "When something is gone"): the gate goes on to its own
// deadline, and reports back to the restarted keeper with the secret that only this connection has.
import { protocolVersion, type Go, type InputRule } from '../wire/messages.ts';
import type { EndReason } from './end.ts';
import { dial, type Channel } from './channel.ts';

export interface KeeperWords {
  readonly deadline: (end: number, expired: readonly string[]) => void;
  readonly input: (rule: InputRule) => void;
  readonly cut: (lines: readonly string[], exit: number) => void;
  /** No keeper is heard, until one says something again. */
  readonly lost: () => void;
}

export interface Keeper {
  /** How long its word about an end that it made may take to come: milliseconds. */
  wordMs(): number;
  /** The client is stopped, and is to be continued. */
  stopped(): void;
  ended(why: EndReason, exit: number): void;
}

const retryMs = 500;
const saidWithinMs = 300;

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
    ended: (why, exit) => {
      over = true;
      line?.send({ t: 'ended', why, exit });
    },
  };
}

async function hearAll(line: Channel, words: KeeperWords): Promise<void> {
  for (;;) {
    const message = await line.next();
    // A line that cannot be read leaves the socket open: closed, the keeper takes this gate back.
    if (message === undefined) return line.close();
    if (message.t === 'deadline') words.deadline(message.end, message.expired);
    else if (message.t === 'input') words.input(message.rule);
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
