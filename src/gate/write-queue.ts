// A queue of bytes for a descriptor that may take none for a while: the pty of a stopped session, a terminal whose connection is lost.
//
// 1. No write blocks: the descriptor is non-blocking, and bytes that it does not take wait here for the next try. Attack: a session
//    stops its tmux server, so that the gate waits within write(2) and its deadline does not run.
// 2. `mayPass` is asked before every write, so that bytes that waited past the end are never delivered. Attack: the same, with a command
//    typed before the end that would run after it.
// 3. The caller stops reading at `isFull`, which bounds the queue. Attack: memory grows with input that nobody takes.
import { writeSync } from 'node:fs';

/** Milliseconds until a descriptor that took nothing is tried again. No stream of Node's polls a pty's descriptor for room. */
const retryMs = 5;
const limit = 256 * 1024;

/** Takes bytes to write. */
export interface WriteQueue {
  write(bytes: Buffer): void;
  /** Whether so much waits that the source of the bytes has to wait, until `onRoom`. */
  isFull(): boolean;
  /** Drops the bytes that wait. */
  clear(): void;
  /** Drops the bytes that wait, and all that come later. */
  close(): void;
}

export interface WriteQueueOptions {
  /** Writes once and returns how many bytes were taken: 0 when none now, undefined when the descriptor is gone. */
  readonly put: (bytes: Buffer) => number | undefined;
  /** Whether bytes may be written now; false closes the queue (rule 2). */
  readonly mayPass: () => boolean;
  /** Called when a queue that was full is empty again. */
  readonly onRoom: () => void;
}

/** An empty queue. */
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
 * Writes once to a non-blocking descriptor (write(2)). Never throws.
 * @returns the number of bytes written; 0 when it takes none now (EAGAIN); undefined when it is gone.
 */
export function tryWrite(fd: number, bytes: Buffer): number | undefined {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : undefined;
  }
}
