// Where exported records go: standard output, the system's log, or a URL.
//
// 1. `send` resolves only when the receiver has taken all of it, so that nothing is counted as sent that can be lost (at least once).
// 2. No redirect is followed, and a URL is named by its origin alone, because its path is often its password (law 11).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { reasonOf } from '../failure-reason.ts';
import { retryAfterMs } from '../retry-after.ts';

/** The receiver did not take it; trying again may help. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
  /** How long the receiver asks us to wait, in milliseconds. */
  readonly waitMs: number | undefined;

  constructor(problem: string, waitMs?: number) {
    super(problem);
    this.waitMs = waitMs;
  }
}

export interface Receiver {
  /** Names it without any secret. */
  readonly name: string;
  /** @throws NotTaken */
  send(lines: readonly string[]): Promise<void>;
}

const sendMs = 30_000;

/** Whoever reads the output of this process. */
export function stdoutReceiver(out: NodeJS.WritableStream): Receiver {
  return {
    name: 'stdout',
    send: async (lines) =>
      new Promise((resolve, reject) => {
        out.write(`${lines.join('\n')}\n`, (error) => (error == null ? resolve() : reject(error)));
      }),
  };
}

/** The system's log, by logger(1), which says whether the log took it. @param path of logger(1) */
export function syslogReceiver(path = '/usr/bin/logger'): Receiver {
  const args = ['--tag', 'tmux-gate', '--priority', 'authpriv.notice', '--size', '64KiB', '--socket-errors=on'];
  return {
    name: 'syslog',
    send: async (lines) => {
      const logger = spawn(path, args, { stdio: ['pipe', 'ignore', 'ignore'], timeout: sendMs });
      const over = once(logger, 'close');
      logger.stdin.on('error', () => undefined); // its exit code tells
      logger.stdin.end(`${lines.join('\n')}\n`);
      const [code] = (await over.catch((error: unknown) => [reasonOf(error)])) as [unknown];
      if (code !== 0) throw new NotTaken(`logger ended with ${String(code)}`);
    },
  };
}

/** Posts lines of JSON to a URL (application/x-ndjson). @param token sent as a bearer token */
export function urlReceiver(url: string, type: string, token: string | undefined): Receiver {
  const headers = {
    ...{ 'content-type': type, 'user-agent': 'tmux-gate' },
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return {
    name: new URL(url).origin,
    send: async (lines) => {
      const body = `${lines.join('\n')}\n`;
      const asked = { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(sendMs) } as const;
      const response = await fetch(url, asked).catch((error: unknown) => {
        throw new NotTaken(reasonOf(error, url));
      });
      await response.body?.cancel();
      if (response.ok) return;
      const waitMs = retryAfterMs(response.headers.get('retry-after'), Date.now());
      throw new NotTaken(`HTTP status ${response.status}`, waitMs);
    },
  };
}
