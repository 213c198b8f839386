// A tmux client that is stopped (prefix C-z, `suspend-client -t` a colleague's, SIGSTOP) shows nothing and keeps what is typed for
// later. This process is its parent and hears of it (SIGCHLD, waitpid(2)), but may not signal it: the keeper continues it, and where
// nobody does, the connection ends with words.
import { readFileSync } from 'node:fs';

export interface StoppedClientEvents {
  /** It is stopped: the keeper is to continue it. */
  readonly stopped: () => void;
  /** Nobody continued it. */
  readonly over: () => void;
}

/** How long a client may stay stopped, and how often the keeper is asked meanwhile: milliseconds. */
const limitMs = 3_000;
const askMs = 250;

const stopped = new Set(['T', 't']);

/** Whether a process is stopped or traced (proc_pid_stat(5), field 3); one that nobody can read is not. */
export function isStopped(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stopped.has(stat.charAt(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** @param look whether the client is stopped now. @returns what is to be called whenever it may have been stopped. */
export function watchStopped(look: () => boolean, events: StoppedClientEvents): () => void {
  let tries = 0;
  let timer: NodeJS.Timeout | undefined;
  const ask = (): void => {
    timer = undefined;
    if (!look()) {
      tries = 0;
      return;
    }
    if (++tries > limitMs / askMs) return events.over();
    events.stopped();
    timer = setTimeout(ask, askMs);
    timer.unref();
  };
  return () => {
    if (timer === undefined) ask();
  };
}
