// Measures how soon an approval lets a person in, and how soon a revocation or the end of a window disconnects them.
import { existsSync } from 'node:fs';
import type { Host } from '../sandbox/host.ts';
import type { Client, Moment } from './client.ts';
import {
  approve,
  ask,
  connectionOn,
  eventually,
  cgroupOf,
  firstFrame,
  quiet,
  startOf,
  type Asked,
  type ConnectionFacts,
} from './inside.ts';

export interface Revocations {
  /** From the deciding approval (the grant's start) to the first frame: milliseconds. */
  readonly attach: number[];
  /** From the verb's return to the person's prompt: milliseconds; negative when the prompt came first. */
  readonly revoke: number[];
  /** From starting the verb to the person's prompt: milliseconds. */
  readonly whole: number[];
}

export const shortSession = 'short';
const longEnough = '5m';

/** Each round has a request, an approval, an attach and a revocation of its own. */
export async function measureRevocations(host: Host, rounds: number): Promise<Revocations> {
  const found: Revocations = { attach: [], revoke: [], whole: [] };
  for (let round = 0; round < rounds; round++) {
    const { client, request } = await ask(host, shortSession, longEnough);
    const [seen] = await Promise.all([client.until(firstFrame(shortSession)), approve(host, [request])]);
    const { grant } = connectionOn(host, shortSession);
    found.attach.push(seen.at - startOf(host, grant));
    const began = performance.now();
    const { code, stderr } = await host.cli(['revoke', grant]);
    const returned = performance.now();
    if (code !== 0) throw new Error(`not revoked: ${stderr}`);
    const prompt = await client.exit;
    found.revoke.push(prompt.mono - returned);
    found.whole.push(prompt.mono - began);
    await quiet(host);
  }
  return found;
}

export const windowSession = (n: number): string => `window-${n}`;
/** At most so many, since `approve` takes no more ids. */
export const mostWindows = 16;
const shortestSeconds = 12;

export interface Kills {
  /** From the window's end until the person has their prompt and the connection's cgroup is gone: milliseconds. */
  readonly late: number[];
  /** How many were disconnected before their end. */
  early: number;
}

/** Measures windows in parallel sessions that end a second apart, so that one end does not wait for another. */
export async function measureKills(host: Host, rounds: number, windows: number): Promise<Kills> {
  const found: Kills = { late: [], early: 0 };
  for (let round = 0; round < rounds; round++) {
    const asked: Asked[] = [];
    for (let n = 0; n < windows; n++) asked.push(await ask(host, windowSession(n), `${shortestSeconds + n}s`));
    const entered = asked.map(async ({ client, session }) => client.until(firstFrame(session)));
    await Promise.all([
      approve(
        host,
        asked.map(({ request }) => request),
      ),
      ...entered,
    ]);
    const ends = asked.map(({ client, session }) => ({ client, facts: connectionOn(host, session) }));
    await Promise.all(ends.map(async ({ client, facts }) => watchEnd(host, client, facts, found)));
    await quiet(host);
  }
  return found;
}

/** Output without a pause until the end. */
const busy = 'while :; do echo "at work"; sleep 0.02; done\r';

async function watchEnd(host: Host, client: Client, { id, end }: ConnectionFacts, found: Kills): Promise<void> {
  client.type(busy);
  const farewell = client.until(/has ended \(/, 60_000).catch(() => undefined);
  const cgroup = cgroupOf(host, 'c', id);
  const gone = cgroupGone(cgroup, end);
  const [said, prompt, noCgroup] = await Promise.all([farewell, client.exit, gone]);
  const first: Moment = said ?? prompt;
  if (Math.min(first.at, prompt.at, noCgroup) < end) found.early++;
  found.late.push(Math.max(prompt.at, noCgroup) - end);
}

/** Waits until a cgroup is gone; no event reports that, so it is polled often near the end. @returns the instant (ms) */
async function cgroupGone(cgroup: string, end: number): Promise<number> {
  await eventually('the window is nearly over', () => Date.now() > end - 200 || !existsSync(cgroup), 50, 60_000);
  await eventually('the cgroup is gone', () => !existsSync(cgroup), 1);
  return Date.now();
}
