import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { closeSync, openSync } from 'node:fs';
import { openWriteQueue, tryWrite, type WriteQueue } from '../../../src/gate/write-queue.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

interface Sink {
  readonly queue: WriteQueue;
  readonly taken: () => string;
  /** How many bytes it takes at the next try; undefined when it is gone. */
  room: number | undefined;
  open: boolean;
  hadRoom: number;
}

function sinkWith(room: number | undefined): Sink {
  let taken = '';
  const sink: Sink = {
    room,
    open: true,
    hadRoom: 0,
    taken: () => taken,
    queue: openWriteQueue({
      put: (bytes) => {
        if (sink.room === undefined) return undefined;
        const part = bytes.subarray(0, sink.room);
        taken += part.toString('latin1');
        return part.length;
      },
      mayPass: () => sink.open,
      onRoom: () => sink.hadRoom++,
    }),
  };
  return sink;
}

describe('a write queue', () => {
  test('writes at once what its descriptor takes', () => {
    const sink = sinkWith(100);
    sink.queue.write(Buffer.from('ls\r'));
    expect(sink.taken()).toBe('ls\r');
    expect(jest.getTimerCount()).toBe(0);
  });

  test('keeps what is not taken, in order, and tries again without spinning', () => {
    const sink = sinkWith(0);
    sink.queue.write(Buffer.from('abc'));
    sink.queue.write(Buffer.from('def'));
    expect(sink.taken()).toBe('');
    expect(jest.getTimerCount()).toBe(1);
    sink.room = 2;
    jest.advanceTimersByTime(100);
    expect(sink.taken()).toBe('abcdef');
    expect(jest.getTimerCount()).toBe(0);
  });

  test('law 4: delivers nothing of what waited when it may not pass any more', () => {
    const sink = sinkWith(0);
    sink.queue.write(Buffer.from('touch late\r'));
    [sink.open, sink.room] = [false, 100];
    jest.advanceTimersByTime(100);
    expect(sink.taken()).toBe('');
    sink.open = true;
    sink.queue.write(Buffer.from('x'));
    expect([sink.taken(), jest.getTimerCount()]).toEqual(['', 0]);
  });

  test('is given up when its descriptor is gone', () => {
    const sink = sinkWith(undefined);
    sink.queue.write(Buffer.from('x'));
    sink.room = 100;
    sink.queue.write(Buffer.from('y'));
    expect(sink.taken()).toBe('');
  });

  test('says when it is full, and when there is room again', () => {
    const sink = sinkWith(0);
    sink.queue.write(Buffer.alloc(256 * 1024 - 1, 'a'));
    expect(sink.queue.isFull()).toBe(false);
    sink.queue.write(Buffer.from('b'));
    expect([sink.queue.isFull(), sink.hadRoom]).toEqual([true, 0]);
    sink.room = 1_000_000;
    jest.advanceTimersByTime(100);
    expect([sink.queue.isFull(), sink.hadRoom]).toEqual([false, 1]);
  });

  test('forgets what waits when it is cleared, and goes on', () => {
    const sink = sinkWith(0);
    sink.queue.write(Buffer.from('held'));
    sink.queue.clear();
    sink.room = 100;
    jest.advanceTimersByTime(100);
    sink.queue.write(Buffer.from('later'));
    expect(sink.taken()).toBe('later');
  });
});

describe('a write', () => {
  test('tells a descriptor that is gone from one that takes nothing now', () => {
    const fd = openSync('/dev/null', 'w');
    expect(tryWrite(fd, Buffer.from('abc'))).toBe(3);
    closeSync(fd);
    expect(tryWrite(fd, Buffer.from('abc'))).toBeUndefined();
  });
});
