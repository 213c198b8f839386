// People inside sessions: asking, approving, attaching; and what the keeper wrote down of it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { cgroupMount } from '../sandbox/cgroup.ts';
import type { Host } from '../sandbox/host.ts';
import { Client, type Moment } from './client.ts';

/** tmux's own status line, as deploy/tmux.conf has it: no earlier text of ours says it like this. */
export const firstFrame = (session: string): RegExp => new RegExp(`\\[${session}\\]`);

export interface ConnectionFacts {
  readonly id: string;
  readonly session: string;
  readonly grant: string;
  /** Instant, milliseconds. */
  readonly end: number;
}

export interface Asked {
  readonly client: Client;
  readonly session: string;
  readonly request: string;
}

const namesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

export function connectionOn(host: Host, session: string): ConnectionFacts {
  const folder = `${host.layout.run}/c`;
  const found = namesIn(folder)
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as ConnectionFacts)
    .find((connection) => connection.session === session);
  if (found === undefined) throw new Error(`the keeper knows of no connection to ${session}`);
  return found;
}

/** The deciding approval: the grant's start, as the journal has it. Ends are whole seconds, starts are not. */
export function startOf({ layout }: Host, grant: string): number {
  const records = readFileSync(`${layout.root}/var/lib/tmux-gate/journal/journal.jsonl`, 'utf8').split('\n');
  const granted = records.filter((line) => line.includes('"event":"granted"') && line.includes(`"${grant}"`)).at(-1);
  if (granted === undefined) throw new Error(`the journal has no grant ${grant}`);
  return (JSON.parse(granted) as { start: number }).start;
}

export const fenceOf = ({ layout }: Host, kind: 'c' | 's', id = ''): string =>
  `${cgroupMount()}/${layout.cgroups.keeper}/${kind}/${id}`;

/** Looks every `everyMs` until it holds: for what raises no event that could be awaited. */
export async function eventually(what: string, look: () => boolean, everyMs = 5, withinMs = 20_000): Promise<void> {
  const until = performance.now() + withinMs;
  while (!look()) {
    if (performance.now() > until) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(everyMs);
  }
}

/** Nothing of an earlier round runs into the next: no connection is left, and no session but alice's first. */
export async function quiet({ layout }: Host): Promise<void> {
  await eventually('earlier connections are forgotten', () => namesIn(`${layout.run}/c`).length === 0);
  await eventually('earlier sessions have ended', () => namesIn(`${layout.run}/s`).length <= 1);
}

/** A live sign-in for alice, so that no round has one in it. */
export async function signIn(host: Host): Promise<void> {
  const { alice } = host.people;
  const terminal = alice.ssh(['-t', 'prod-db', '--for 1h --reason INC-1 bench']);
  await alice.signInFrom(terminal);
  const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})/);
  await terminal.until('Waiting for an answer');
  await approve(host, [request]);
  await terminal.until(firstFrame('prod-db'));
  terminal.type('\u0002d');
  await terminal.exit;
  await quiet(host);
}

/** Alice asks with a live sign-in. @param window as people write it: "12s". */
export async function ask(host: Host, session: string, window: string): Promise<Asked> {
  const client = new Client(host.people.alice.sshArgs(['-t', session, `--for ${window} --reason INC-1 bench`]));
  const { match } = await client.until(/Request ([0-9A-Z]{6})/);
  await client.until(/Waiting for an answer/);
  return { client, session, request: match[1] ?? '' };
}

/** Bob decides, with a device login of his own. */
export async function approve(host: Host, requests: readonly string[]): Promise<void> {
  const { bob } = host.people;
  const terminal = bob.ssh(['approve', ...requests], { tty: false });
  await bob.signInFrom(terminal);
  const { code } = await terminal.exit;
  if (code !== 0) throw new Error(`not approved: ${terminal.text}`);
}

/** Under the live sign-in and grant. */
export const attach = (host: Host, session = 'prod-db'): Client =>
  new Client(host.people.alice.sshArgs(['-t', session]));

export const since = (from: Moment, to: Moment): number => to.mono - from.mono;
