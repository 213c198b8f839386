// Tells systemd how far the keeper is, and that its event loop turns (sd_notify(3)); and hands the log to journald.
//
// 1. Messages go by descriptors that keeper/start.pl opened, by write(2), which sends a datagram in the name of this process.
// 2. A write is synchronous and does not wait: where it fails, the next one tries again. Accident: the pool of threads is full of writes to
//    a disk that hangs, and systemd kills a keeper that is well. READY comes once, so it is tried until it is sent. Accident: the steps of the
//    start fill the queue of the socket (10 messages by default, unix(7)) while systemd is busy, and it kills a keeper that is ready.
// 3. The watchdog is told by a timer of the event loop, and by nothing else: a loop that is stuck tells nothing, and systemd restarts the
//    keeper. Live connections go on meanwhile.
import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { journaldEntry } from '../core/journald.ts';
import { second } from '../core/time.ts';

/** Tells systemd. Nothing happens where systemd did not start this process. */
export interface Supervisor {
  /** A step of the start. While steps follow one another or the loop turns, systemd waits for them. */
  starting(step: string): void;
  /** The sockets are open. @param text what `systemctl status` shows, asked for anew each time that the watchdog is told */
  ready(text: () => string): void;
  /** A reload begins; `ready` ends it (systemd.service(5), Type=notify-reload). */
  reloading(): void;
  stopping(): void;
}

/** How much longer than this a step of the start may take, as long as the loop turns. */
const patienceMs = 60 * second;
const tellStartMs = 10 * second;
const tellAgainMs = 100;
const textLimit = 200;

type Environment = Readonly<Partial<Record<string, string>>>;

const descriptorIn = (environment: Environment, name: string): number | undefined => {
  const text = environment[name] ?? '';
  return /^[0-9]{1,3}$/.test(text) ? Number(text) : undefined;
};

/** @param environment of this process @param monotonicUs microseconds of CLOCK_MONOTONIC */
export function openSupervisor(environment: Environment, monotonicUs: () => bigint): Supervisor {
  const descriptor = descriptorIn(environment, 'TMUX_GATE_NOTIFY_FD');
  const tell = (...lines: readonly string[]): boolean => descriptor === undefined || sent(descriptor, lines.join('\n'));
  const watchdogMs = Number(environment['WATCHDOG_USEC'] ?? 0) / 1000;
  let timer: NodeJS.Timeout | undefined;
  const every = (ms: number, act: () => void): void => {
    clearInterval(timer);
    timer = setInterval(act, ms).unref();
    act();
  };
  const extend = `EXTEND_TIMEOUT_USEC=${patienceMs * 1000}`;
  return {
    starting: (step) => every(tellStartMs, () => void tell(extend, statusOf(step))),
    ready: (text) => {
      const live = (): void => {
        // A third, so that one that is lost or late is no reason to kill (sd_watchdog_enabled(3) proposes half).
        if (watchdogMs > 0) every(watchdogMs / 3, () => void tell('WATCHDOG=1', statusOf(text())));
        else clearInterval(timer);
      };
      every(tellAgainMs, () => {
        if (tell('READY=1', statusOf(text()))) live();
      });
    },
    reloading: () => void tell('RELOADING=1', `MONOTONIC_USEC=${String(monotonicUs())}`),
    stopping: () => {
      clearInterval(timer);
      tell('STOPPING=1');
    },
  };
}

const statusOf = (text: string): string => `STATUS=${text.replace(/[^ -~]/g, ' ').slice(0, textLimit)}`;

/** Rule 2. @returns whether it was sent */
function sent(descriptor: number, text: string): boolean {
  try {
    writeSync(descriptor, text);
    return true;
  } catch {
    return false;
  }
}

/** Where the log goes: to journald, with fields, or to stderr where there is none or an entry is too long for a datagram. */
export function logStream(environment: Environment, otherwise: NodeJS.WritableStream): NodeJS.WritableStream {
  const descriptor = descriptorIn(environment, 'TMUX_GATE_JOURNAL_FD');
  if (descriptor === undefined) return otherwise;
  return new Writable({
    decodeStrings: false,
    write: (line: string | Buffer, _, done) => {
      const text = line.toString();
      if (!sent(descriptor, journaldEntry(text))) otherwise.write(text);
      done();
    },
  });
}
