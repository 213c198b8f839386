// Two hundred visits at once, then more than the keeper has room for: the excess reads BUSY, everybody else is served, and nothing is left.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { account } from '../../../scripts/sandbox/accounts.ts';
import type { Host } from '../../../scripts/sandbox/host.ts';
import type { Person } from '../../../scripts/sandbox/person.ts';
import { protocolVersion, writeMessage, type Hello } from '../../../src/wire/messages.ts';
import { expectCode, expectInOrder } from '../../harness/faults.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { testHost } from '../../harness/inside.ts';
import { seenOf } from '../../harness/refused.ts';
import { endIt, letIn, say } from '../../harness/visits.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq', people: { carol: ['engineers'], dave: ['engineers'] } });
});
afterAll(async () => host[Symbol.asyncDispose]());

interface Gate {
  readonly socket: Socket;
  readonly heard: () => string;
}

/**
 * What a gate is to the keeper: root at its socket, with the testimony of a visit.
 * @param pid of the gate's process; the keeper kills it when a connection of it ends.
 */
function gate(person?: Person, pid = process.pid): Gate {
  const socket = connect(host.keeper.socket);
  let text = '';
  socket
    .setEncoding('utf8')
    .on('data', (piece: string) => (text += piece))
    .on('error', () => undefined);
  if (person !== undefined) socket.write(writeMessage(helloOf(person, pid)));
  return { socket, heard: () => text };
}

function helloOf({ login, keyFile }: Person, pid = process.pid): Hello {
  const { uid } = account(login);
  const facts = { command: 'prod-db', tty: true, cols: 80, rows: 24, term: 'xterm', utf8: true };
  return {
    t: 'hello',
    v: protocolVersion,
    kind: 'visit',
    uid,
    login,
    pid,
    address: '',
    auth: `publickey ${readFileSync(`${keyFile}.pub`, 'utf8')}`,
    ...facts,
  };
}

const memoryMb = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(host.keeper.pid)}/status`, 'utf8'))?.[1]) / 1024;

const leave = (crowd: readonly Gate[]): void => crowd.forEach(({ socket }) => socket.destroy());

test('law 1: a uid that this host does not know is refused, whatever login it names', async () => {
  const { socket, heard } = gate();
  socket.write(writeMessage({ ...helloOf(host.people.alice), uid: 4_000_111 }));
  await eventually('it is refused', () => heard().includes('"UNKNOWN_LOGIN"'));
  expect(heard()).not.toContain('"wait"');
  socket.destroy();
});

test('four sign-ins of a login wait at once: one more is refused until one of them is gone; others sign in', async () => {
  const { alice, bob } = host.people;
  await host.provider.hang(true); // each of them waits for a code
  const crowd = Array.from({ length: 6 }, () => gate(alice));
  const told = (what: string): number => crowd.filter(({ heard }) => heard().includes(what)).length;
  await eventually('all are placed or refused', () => told('"MANY_SIGN_INS"') + told('"wait"') === 6);
  expect(told('"wait"')).toBe(4);
  const other = gate(bob);
  await eventually('another login waits', () => other.heard().includes('"wait"'));
  leave([...crowd, other]);
  await host.provider.hang(false);
  expect((await say(alice, ['sessions'])).code).toBe(0);
  await expectInOrder(host);
});

test("200 visits that wait: those beyond a person's 64 places read BUSY, others are answered, memory is bounded", async () => {
  const { alice, bob } = host.people;
  const people = [alice, host.people['carol'] ?? alice, host.people['dave'] ?? alice];
  for (const person of people) await say(person, ['sessions']);
  const before = memoryMb();
  const crowd = people.flatMap((person) => Array.from({ length: 67 }, () => gate(person)));
  const busy = (): number => crowd.filter(({ heard }) => heard().includes('"BUSY"')).length;
  const waiting = (): number => crowd.filter(({ heard }) => heard().includes('"ask"')).length; // for a reason
  await eventually('all are placed or refused', () => busy() + waiting() === crowd.length, 60_000);
  expect([busy(), waiting()]).toEqual([9, 192]);
  expect((await bob.run(['whoami'])).code).toBe(0);
  expectCode(seenOf(await alice.run(['help'])), 'BUSY', 75);
  expect(memoryMb() - before).toBeLessThan(150);
  leave(crowd);
  await expectInOrder(host);
});

test('whoever is attached takes no place of those who wait: 70 connections of one person, and their commands are answered', async () => {
  const { alice } = host.people;
  const inside = await letIn(host, alice);
  const gates = spawn('sleep', ['600']);
  const crowd: Gate[] = [];
  // A person has 64 places to wait.
  for (let half = 0; half < 2; half++) {
    crowd.push(...Array.from({ length: 35 }, () => gate(alice, gates.pid)));
    await eventually('all are let in', () => crowd.every(({ heard }) => heard().includes('"t":"go"')), 60_000);
  }
  expect((await alice.run(['help'])).code).toBe(0);
  const more = Array.from({ length: 60 }, () => gate(alice, gates.pid));
  await eventually('one person has a limit', () => more.some(({ heard }) => heard().includes('"BUSY"')), 60_000);
  leave([...crowd, ...more]);
  gates.kill();
  await endIt(host, inside);
  await expectInOrder(host);
});

test('more conversations than the keeper holds: one more reads BUSY, and is served once the others are gone', async () => {
  const crowd = Array.from({ length: 520 }, () => gate());
  await eventually('all have come in', () => crowd.every(({ socket }) => !socket.connecting));
  expectCode(seenOf(await host.people.bob.run(['whoami'])), 'BUSY', 75);
  expect((await host.cli(['requests'])).code).toBe(0);
  leave(crowd);
  await expectInOrder(host);
});
