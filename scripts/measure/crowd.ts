// Measures how long a revocation takes while eight people without rights load the keeper and seventy-five visits wait (law 12).
//
// They talk to the keeper as their gates would, from this process, so that the keeper is measured and not the cost of many ssh clients,
// sudo and starts of Node on two cores.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gateReads, lineCutter } from '../../src/wire/frames.ts';
import { protocolVersion, readToGate, writeMessage, type Hello, type ToGate } from '../../src/wire/messages.ts';
import { account } from '../sandbox/accounts.ts';
import type { Host } from '../sandbox/host.ts';
import type { Person } from '../sandbox/person.ts';
import { approve, ask, connectionOn, firstFrame, quiet } from './inside.ts';
import { shortSession } from './ends.ts';

const names = (kind: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${kind}${n}`);
const [crowd, holders] = [names('crowd', 8), names('holder', 2)];
const held = 75;

/** Who takes part, and their groups. */
export const crowdPeople: Readonly<Record<string, readonly string[]>> = Object.fromEntries<readonly string[]>([
  ...crowd.map((name): [string, readonly string[]] => [name, []]),
  ...holders.map((name): [string, readonly string[]] => [name, ['engineers']]),
]);

const ids = names('R0000', 10)
  .map((id) => id.slice(0, 6))
  .join(' ');
const long = `--reason INC-1 ${'x'.repeat(390)}`;

/** Each verb with the largest arguments that it takes. */
const worst = [
  ...['requests', 'grants', 'connections --json', 'sessions', 'whoami', 'status', 'locks', 'help', 'watch'],
  ...['history --since 900d --json', `history --since 900d --login ${'a'.repeat(32)} --session prod-db`],
  ...[
    `approve ${ids} ${long}`,
    `deny ${ids} ${long}`,
    `extend 1h ${long}`,
    'give-back',
    `lock ${'a'.repeat(32)} ${long}`,
  ],
  ...[`unlock ${'a'.repeat(32)} ${long}`, `break-glass prod-db ${long}`, `prod-db --for 1h ${long}`, 'x'.repeat(4000)],
];

export interface Crowded {
  /** From sending the verb to the keeper until the person has their prompt again: milliseconds. */
  readonly revoke: number[];
  /** How many answers the eight people got meanwhile. */
  answered: number;
}

/** Measures so many revocations under this load. */
export async function measureCrowded(host: Host, rounds: number): Promise<Crowded> {
  const found: Crowded = { revoke: [], answered: 0 };
  const people = [...crowd, ...holders].map((name) => host.people[name] ?? host.people.mallory);
  for (const person of people) await signIn(person);
  const stop = new AbortController();
  const sockets = await hold(host, people.slice(crowd.length));
  const busy = people.slice(0, crowd.length).map(async (person) => doWorst(host, person, stop.signal, found));
  try {
    for (let round = 0; round < rounds; round++) found.revoke.push(await revokeOnce(host));
  } finally {
    stop.abort();
    for (const socket of sockets) socket.destroy();
    await Promise.all(busy);
  }
  return found;
}

async function signIn(person: Person): Promise<void> {
  const terminal = person.ssh(['sessions'], { tty: false });
  await person.signInFrom(terminal);
  await terminal.exit;
}

/** Opens visits that have been asked for their reason and do not answer. */
async function hold(host: Host, people: readonly Person[]): Promise<readonly Socket[]> {
  const each = people
    .flatMap((person) => Array.from({ length: held }, () => person))
    .filter((_, n) => n % people.length === 0);
  const sockets = each.map((person) => converse(host, helloOf(person, 'prod-db')));
  for (const socket of sockets) await answer(socket, ({ t }) => t === 'ask');
  return sockets;
}

async function doWorst(host: Host, person: Person, stop: AbortSignal, found: Crowded): Promise<void> {
  for (let turn = 0; !stop.aborted; turn++) {
    const socket = converse(host, helloOf(person, worst[turn % worst.length] ?? 'help'));
    const leave = (): unknown => socket.destroy();
    stop.addEventListener('abort', leave, { once: true });
    await answer(socket, isOver).catch(() => undefined);
    stop.removeEventListener('abort', leave);
    socket.destroy();
    found.answered += 1;
  }
}

/** Whether a conversation can be left; a sign-in is left as soon as it has begun. */
const isOver = (message: ToGate): boolean =>
  ['done', 'refuse', 'ask', 'dashboard'].includes(message.t) ||
  (message.t === 'wait' && message.text.includes('sign-in'));

async function revokeOnce(host: Host): Promise<number> {
  const { client, request } = await ask(host, shortSession, '5m');
  await Promise.all([client.until(firstFrame(shortSession)), approve(host, [request])]);
  const { grant } = connectionOn(host, shortSession);
  await delay(100);
  const began = performance.now();
  const command = `revoke ${grant}`;
  const local = { kind: 'local', uid: 0, login: 'root', command, tty: false } as const;
  await answer(converse(host, { ...helloOf(host.people.alice, command), ...local }), ({ t }) => t === 'done');
  const prompt = await client.exit;
  await quiet(host);
  return prompt.mono - began;
}

function converse(host: Host, hello: Hello): Socket {
  const socket = connect(host.keeper.socket).on('error', () => undefined);
  socket.write(writeMessage(hello));
  return socket;
}

function helloOf({ login, keyFile }: Person, command: string): Hello {
  return {
    ...{ t: 'hello', v: protocolVersion, kind: 'visit', uid: account(login).uid, login, pid: process.pid, command },
    ...{ tty: true, cols: 80, rows: 24, term: 'xterm', utf8: true, address: '127.0.0.1 1 127.0.0.1 22' },
    auth: `publickey ${readFileSync(`${keyFile}.pub`, 'utf8')}`,
  };
}

/** Waits for a message. @throws Error when the conversation is closed first */
async function answer(socket: Socket, isIt: (message: ToGate) => boolean): Promise<void> {
  const cut = lineCutter(gateReads);
  await new Promise<void>((resolve, reject) => {
    socket.once('close', () => reject(new Error('the conversation was closed')));
    socket.setEncoding('utf8').on('data', (piece: string) => {
      for (const text of cut(piece)) {
        const message = readToGate(text);
        if (message !== undefined && isIt(message)) resolve();
      }
    });
  });
}
