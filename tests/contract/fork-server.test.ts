// The small process that starts programs for the keeper.
import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openForkServer } from '../../src/adapters/fork-server.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { isAlive } from '../harness/inside.ts';

const program = join(import.meta.dirname, 'fork-server-program.ts');
const long = 60_000;

test('each question has its own answer, from one process', async () => {
  const server = openForkServer(program, long);
  const words = Array.from({ length: 50 }, (_, n) => String(n));
  const answers = await Promise.all(words.map(async (word) => server.ask(['say', word])));
  expect(answers).toEqual(words.map((word) => [word]));
  expect(await server.ask(['pid'])).toBe(await server.ask(['pid']));
});

test('rule 2: a process that ends leaves no question without an end, and the next one has another process', async () => {
  const server = openForkServer(program, long);
  const first = await server.ask(['pid']);
  const asked = [server.ask(['hang']), server.ask(['end'])];
  expect(await Promise.all(asked)).toEqual([undefined, undefined]);
  const second = await server.ask(['pid']);
  expect(second).toEqual(expect.any(Number));
  expect(second).not.toBe(first);
});

test('rule 2: one that hangs is ended, and one that cannot be started answers nothing', async () => {
  expect(await openForkServer(program, 500).ask(['hang'])).toBeUndefined();
  expect(await openForkServer('/nowhere/at/all.js', long).ask(['pid'])).toBeUndefined();
});

test('rule 3: it ends with whoever started it, and signals of a terminal do not end it before', async () => {
  const server = openForkServer(program, long);
  const inner = Number(await server.ask(['inner']));
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.kill(inner, signal);
  expect(await server.ask(['inner'])).toBe(inner);
  await server.ask(['end']);
  await eventually('the inner one is gone', () => !isAlive(inner));
});
