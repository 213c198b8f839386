// Measures the time from starting ssh to tmux's first frame, from a keystroke to its echo, and for much output; beside the bare sshd.
import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../sandbox/host.ts';
import type { Bare } from './bare.ts';
import type { Client } from './client.ts';
import { attach, firstFrame, quiet, since } from './inside.ts';

const frame = firstFrame('prod-db');

async function oneVisit(client: Client): Promise<number> {
  const seen = await client.until(frame);
  await client.leave();
  return since(client.started, seen);
}

/** Visits in turns, in milliseconds. Each round starts when nothing of the last one runs. */
export async function measureVisits(
  host: Host,
  bare: Bare,
  rounds: number,
): Promise<{ ours: number[]; bares: number[] }> {
  const [ours, bares]: [number[], number[]] = [[], []];
  // The first of each warms caches and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const [first, second] = [await oneVisit(bare.attach()), await oneVisit(attach(host))];
    await quiet(host);
    if (round === 0) continue;
    bares.push(first);
    ours.push(second);
  }
  return { ours, bares };
}

/** Characters that are in no status line, prompt or escape sequence, and are not ssh's own escape character `~`. */
const keys = ['&', '^', '%', '+'];
const rowLength = 60;
const rhythmMs = 4;

export interface Typist {
  readonly client: Client;
  readonly samples: number[];
}

export async function press(typist: Typist, n: number): Promise<void> {
  const key = keys[n % keys.length] ?? '&';
  const from = performance.now();
  typist.client.type(key);
  const seen = await typist.client.until(new RegExp(`\\${key}`));
  typist.samples.push(seen.mono - from);
  if (n % rowLength === rowLength - 1) typist.client.type('\r');
}

/** Attaches and starts a program that reads, so that only the terminal's own echo is measured and no shell draws. */
export async function sitDown(client: Client): Promise<Typist> {
  await client.until(frame);
  await client.until(/\$ /);
  client.type('clear; echo "ready-$((6*7))"; cat >/dev/null\r');
  await client.until(/ready-42/);
  return { client, samples: [] };
}

/** From a keystroke to its echo, in turns: milliseconds. */
export async function measureEcho(host: Host, bare: Bare, count: number): Promise<{ ours: number[]; bares: number[] }> {
  const typists = [await sitDown(bare.attach()), await sitDown(attach(host))] as const;
  for (let n = 0; n < count; n++) {
    for (const typist of typists) {
      await press(typist, n);
      await delay(rhythmMs);
    }
  }
  for (const { client } of typists) {
    client.type('\u0003');
    await client.leave();
  }
  await quiet(host);
  return { bares: typists[0].samples, ours: typists[1].samples };
}

const bulkBytes = 200_000_000;
const bulkLimitMs = 300_000;

export async function pour(client: Client): Promise<number> {
  await client.until(frame);
  await client.until(/\$ /);
  client.type(`yes "$(printf '%079d' 7)" | head -c ${bulkBytes}; echo "poured-$((6*7))"\r`);
  const from = performance.now();
  const seen = await client.until(/poured-42/, bulkLimitMs);
  await client.leave();
  return seen.mono - from;
}

/** From starting a command with 200 MB of output to the end of the output on the person's terminal, in turns: milliseconds. */
export async function measureBulk(
  host: Host,
  bare: Bare,
  rounds: number,
): Promise<{ ours: number[]; bares: number[] }> {
  const [ours, bares]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    bares.push(await pour(bare.attach()));
    ours.push(await pour(attach(host)));
    await quiet(host);
  }
  return { ours, bares };
}
