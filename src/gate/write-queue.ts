// Bytes on their way to a descriptor that may take none for a while: a pty whose session is stopped, a terminal behind a dead link.
//
// 1. No write blocks: the descriptor is non-blocking, and what it does not take waits here for the next try. Attack: a session stops
//    its tmux server, so that the process that keeps the end waits inside write(2) and looks at no clock.
// 2. `mayPass` is asked before every write, so that what waited over the end is never delivered. Attack: the same, with a line typed
//    before the end that runs after it.
// 3. What waits is bounded by its caller, who stops reading at `isFull`.
import { writeSync } from 'node:fs';

/** How long after a descriptor took nothing it is tried again: milliseconds. No stream of Node's polls a pty's descriptor for room. */
const retryMs = 5;
const limit = 256 * 1024;

export interface WriteQueue {
  write(bytes: Buffer): void;
  /** Whether so much waits that its source should wait too. */
  isFull(): boolean;
  /** Forgets what waits. */
  clear(): void;
  /** Forgets what waits, and takes nothing more. */
  close(): void;
}

export interface WriteQueueOptions {
  /** Bytes taken: 0 when none now, undefined when the descriptor is gone for good. */
  readonly put: (bytes: Buffer) => number | undefined;
  readonly mayPass: () => boolean;
  /** Called when a full queue has emptied. */
  readonly onRoom: () => void;
}

export function openWriteQueue({ put, mayPass, onRoom }: WriteQueueOptions): WriteQueue {
  let waiting: Buffer[] = [];
  let size = 0;
  let wasFull = false;
  let timer: NodeJS.Timeout | undefined;
  let open = true;
  const clear = (): void => {
    clearTimeout(timer);
    [waiting, size, wasFull, timer] = [[], 0, false, undefined];
  };
  const close = (): void => {
    clear();
    open = false;
  };
  const flush = (): void => {
    timer = undefined;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const taken = mayPass() ? put(next) : undefined;
      if (taken === undefined) return close();
      size -= taken;
      if (taken === next.length) waiting.shift();
      else waiting[0] = next.subarray(taken);
      if (taken === 0) break;
    }
    if (size > 0) timer = setTimeout(flush, retryMs);
    else if (wasFull) {
      wasFull = false;
      onRoom();
    }
  };
  return {
    write: (bytes) => {
      if (!open) return;
      waiting.push(bytes);
      size += bytes.length;
      wasFull ||= size >= limit;
      if (timer === undefined) flush();
    },
    isFull: () => wasFull,
    clear,
    close,
  };
}

/**
 * Writes once to a non-blocking descriptor (write(2)).
 * @returns bytes written; 0 when it takes none now; undefined when it is gone.
 */
export function tryWrite(fd: number, bytes: Buffer): number | undefined {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : undefined;
  }
}
