// Printing an answer from the journal (src/keeper/verbs/journal-wait): in parts, and not for whoever does not read.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Conversation } from '../../../src/keeper/conversation.ts';
import { printAnswer } from '../../../src/keeper/verbs/journal-wait.ts';
import { codeOf } from './world.ts';

let parts: (readonly string[])[];
let notes: string[];
let gone: AbortController;
let taken: () => Promise<void>;

const conversation = (): Conversation =>
  ({
    gone: gone.signal,
    out: (lines: readonly string[]) => void parts.push(lines),
    note: (lines: readonly string[]) => void notes.push(...lines),
    taken: async () => taken(),
  }) as unknown as Conversation;
const print = async (lines: readonly string[], more: readonly string[] = []): Promise<void> =>
  printAnswer({ host: 'prod-box' }, conversation(), { lines, notes: more });

beforeEach(() => {
  [parts, notes, gone] = [[], [], new AbortController()];
  taken = async () => Promise.resolve();
});
afterEach(() => {
  jest.useRealTimers();
});

test('of many lines and of long ones, all come, in their order, and the notes last', async () => {
  const lines = [...Array.from({ length: 2_500 }, (_, n) => String(n)), 'x'.repeat(50_000), 'y'.repeat(200_000), 'z'];
  await print(lines, ['older ones were left out']);
  expect(parts.flat()).toEqual(lines);
  expect(parts.map((part) => part.length)).toEqual([1_000, 1_000, 501, 1, 1]);
  expect(notes).toEqual(['older ones were left out']);
});

test('nothing to print is not printed', async () => {
  await print([]);
  expect([parts, notes]).toEqual([[], []]);
});

test('attack: whoever does not read is refused after half a minute, so that others are answered', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  taken = async () => new Promise(() => undefined);
  let code: unknown;
  void codeOf(print(Array.from({ length: 3_000 }, String))).then((told) => (code = told));
  await jest.advanceTimersByTimeAsync(29_999);
  expect([code, parts.length]).toEqual([undefined, 1]);
  await jest.advanceTimersByTimeAsync(1);
  expect([code, parts.length]).toEqual(['BUSY', 1]);
});

test('whoever has gone is told nothing more', async () => {
  taken = async () => Promise.resolve(gone.abort(new Error('gone')));
  await expect(print(Array.from({ length: 3_000 }, String))).rejects.toThrow('gone');
  expect(parts).toHaveLength(1);
});
