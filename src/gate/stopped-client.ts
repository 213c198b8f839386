// Notices that the tmux client was stopped (prefix C-z, a colleague's `suspend-client -t`, SIGSTOP). A stopped client shows nothing, and
// what is typed waits until it is continued. The gate, its parent, learns of it (SIGCHLD, waitpid(2)) but may not signal it, so it asks
// the keeper to continue it; if that does not help, the connection ends with a message.
import { readFileSync } from 'node:fs';
import { parseStat } from '../core/process-stat.ts';

/** What is called about a stopped client. */
export interface StoppedClientEvents {
  /** The client is stopped; the keeper has to continue it. Called again every 250 ms while it is. */
  readonly stopped: () => void;
  /** The client is still stopped after three seconds. */
  readonly over: () => void;
}

/** How long a client may stay stopped, and how often the keeper is asked: milliseconds. */
const limitMs = 3_000;
const askMs = 250;

const stopped = new Set(['T', 't']);

/** Whether a process is stopped or traced (proc_pid_stat(5), field 3); false when it cannot be read. */
export function isStopped(pid: number): boolean {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return stat !== undefined && stopped.has(stat.state);
  } catch {
    return false;
  }
}

/** Watches a client. @param look whether the client is stopped now. @returns a function to call whenever it may have been stopped */
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
