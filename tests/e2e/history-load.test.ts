// Law 12: nobody decides how long the keeper is busy. Years of journal, read over and over by somebody without any right.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Host } from '../../scripts/sandbox/host.ts';
import { readToGate, writeMessage } from '../../src/wire/messages.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, place, testHost } from '../harness/inside.ts';
import { writeYears } from '../harness/long-journal.ts';
import { letIn, say } from '../harness/visits.ts';
import { hello } from '../unit/gate/sample.ts';

const tgh = place('tgh');

let host: Host;
/** Answers from years of journal are read behind everything else that a busy machine does: milliseconds. */
const longest = 240_000;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgh', keeper: false });
  await writeYears(host.layout, { requests: 36_000, login: `${tgh}-erin` });
  await host.keeper.start();
}, 120_000);
afterAll(async () => host[Symbol.asyncDispose]());

test('eight long histories at once delay neither status nor a revocation: these answer first', async () => {
  const { alice, mallory } = host.people;
  await letIn(host, alice);
  await say(mallory, ['sessions']); // signed in
  await eventually('sshd and sudo were looked at', async () => (await host.cli(['status'])).code === 0);
  const order: string[] = [];
  const { promise: full, resolve: isFull } = Promise.withResolvers<undefined>();
  const asked = Array.from({ length: 8 }, async () => {
    const { code, stdout, stderr } = await mallory.run(['history', '--since', '900d'], { timeoutMs: longest });
    if (code === 0) order.push('history');
    else isFull(undefined);
    return { code, stdout, stderr };
  });
  await full; // one is read, one waits: there is no room for a third
  const status = host.cli(['status', '--json']).then((answer) => (order.push('status'), answer));
  const grant = connections(host.layout)[0]?.grant ?? '';
  const revoked = host.cli(['revoke', grant]).then((answer) => (order.push('revoke'), answer));
  expect(await status).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\{"host":"prod-box","ok":true/) });
  expect((await revoked).code).toBe(0);
  expect(connections(host.layout)).toEqual([]);
  const answers = await Promise.all(asked);
  expect(order.at(-1)).toBe('history');
  expect(order.slice(0, 3)).toEqual(expect.arrayContaining(['status', 'revoke']));
  for (const { code, stdout } of answers.filter((answer) => answer.code === 0))
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'No requests in that time.\n' });
  const refused = answers.filter(({ code }) => code !== 0);
  expect(refused.length).toBeGreaterThan(0);
  for (const { code, stderr } of refused)
    expect({ code, stderr }).toMatchObject({ code: 75, stderr: expect.stringContaining('[BUSY]') });
}, 300_000);

test('root reads years of it, the newest first to be kept, and is told that it is not all', async () => {
  const { code, stdout, stderr } = await host.cli(['history', '--since', '900d', '--json']);
  expect(code).toBe(0);
  const told = JSON.parse(stdout) as { request: string; state: string; verified: boolean }[];
  expect(told.length).toBeGreaterThan(100);
  expect(told.length).toBeLessThanOrEqual(500);
  expect(told.at(-2)).toMatchObject({ request: 'R35999', state: 'expired', verified: true });
  expect(stderr).toContain('Only the newest requests are shown');
  const { stdout: byNobody } = await host.cli(['history', '--since', '900d', '--approver', 'nobody', '--json']);
  expect(JSON.parse(byNobody)).toEqual([]);
});

test('who asks for a long answer is told at once that the keeper listens, and waits for the rest', async () => {
  const socket = connect(host.keeper.socket);
  socket.write(writeMessage({ ...hello, kind: 'local', uid: 0, login: 'root', command: 'history --since 900d' }));
  const said: unknown[] = [];
  for await (const line of createInterface(socket)) said.push(readToGate(line));
  expect(said[0]).toEqual({ t: 'calm' });
  expect(said.at(-1)).toEqual({ t: 'done', exit: 0 });
});

test('a reader that leaves takes its thread with it', async () => {
  const { mallory } = host.people;
  const left = mallory.ssh(['history', '--since', '900d'], { tty: false });
  const second = mallory.ssh(['history', '--since', '900d'], { tty: false });
  await Promise.all([left, second].map(async (terminal) => terminal[Symbol.asyncDispose]()));
  await eventually('there is room again', async () => (await mallory.run(['history', '--since', '900d'])).code === 0);
});
