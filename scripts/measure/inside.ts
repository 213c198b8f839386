// Asks, approves and attaches on the host of the benchmark, and reads the keeper's state.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { completeSignIn } from '../sandbox/browser.ts';
import { cgroupMount } from '../sandbox/cgroup.ts';
import type { Host } from '../sandbox/host.ts';
import type { Person } from '../sandbox/person.ts';
import type { Terminal } from '../sandbox/terminal.ts';
import { Client, type Moment } from './client.ts';

/** tmux's status line, as deploy/tmux.conf has it, which no earlier output of the gate matches. */
export const firstFrame = (session: string): RegExp => new RegExp(`\\[${session}\\]`);

export interface ConnectionFacts {
  readonly id: string;
  readonly session: string;
  readonly grant: string;
  /** Instant, milliseconds. */
  readonly end: number;
  readonly gate: { readonly pid: number };
  readonly who: { readonly login: string };
  /** The file. */
  readonly recording: string;
}

export interface Asked {
  readonly client: Client;
  readonly session: string;
  readonly request: string;
}

const namesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

/** The connection to a session, from the keeper's state files. @throws Error when there is none */
export function connectionOn(host: Host, session: string): ConnectionFacts {
  const folder = `${host.layout.run}/c`;
  const found = namesIn(folder)
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as ConnectionFacts)
    .find((connection) => connection.session === session);
  if (found === undefined) throw new Error(`the keeper knows of no connection to ${session}`);
  return found;
}

/** The instant (ms) of the deciding approval: the grant's start in the journal, which is not rounded as ends are. */
export function startOf({ layout }: Host, grant: string): number {
  const records = readFileSync(`${layout.root}/var/lib/tmux-gate/journal/journal.jsonl`, 'utf8').split('\n');
  const granted = records.filter((line) => line.includes('"event":"granted"') && line.includes(`"${grant}"`)).at(-1);
  if (granted === undefined) throw new Error(`the journal has no grant ${grant}`);
  return (JSON.parse(granted) as { start: number }).start;
}

export const cgroupOf = ({ layout }: Host, kind: 'c' | 's', id = ''): string =>
  `${cgroupMount()}/${layout.cgroups.keeper}/${kind}/${id}`;

/** Repeats `look` every `everyMs` until it is true; for what no event reports. @throws Error after `withinMs` */
export async function eventually(what: string, look: () => boolean, everyMs = 5, withinMs = 20_000): Promise<void> {
  const until = performance.now() + withinMs;
  while (!look()) {
    if (performance.now() > until) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(everyMs);
  }
}

/** Waits until nothing of an earlier round is left: no connection, and no session but alice's first. */
export async function quiet({ layout }: Host): Promise<void> {
  await eventually('earlier connections are forgotten', () => namesIn(`${layout.run}/c`).length === 0);
  await eventually('earlier sessions have ended', () => namesIn(`${layout.run}/s`).length <= 1);
}

/** How many connections of a login the keeper knows of. */
export function connectionsOf({ layout }: Host, login: string): number {
  const folder = `${layout.run}/c`;
  const known = namesIn(folder).map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as ConnectionFacts);
  return known.filter(({ who }) => who.login === login).length;
}

const linkOrRequest = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}|Request ([0-9A-Z]{6})/;

/** Has somebody sign in if that is asked, ask for an hour in prod-db, and be let in. */
export async function letIn(host: Host, person: Person): Promise<{ terminal: Terminal; request: string }> {
  const terminal = person.ssh(['-t', 'prod-db', '--for 1h --reason INC-1 bench']);
  const [url, known] = await terminal.until(linkOrRequest);
  if (known === undefined) await completeSignIn(url, person.account);
  const [, request = ''] = known === undefined ? await terminal.until(/Request ([0-9A-Z]{6})/) : [url, known];
  await terminal.until('Waiting for approval');
  await approve(host, [request]);
  await terminal.until(firstFrame('prod-db'));
  return { terminal, request };
}

/** Lets somebody in once, so that later visits contain no sign-in. @returns the request */
export async function letInOnce(host: Host, person: Person): Promise<string> {
  const { terminal, request } = await letIn(host, person);
  terminal.type('\u0002d');
  await terminal.exit;
  return request;
}

/** Asks as alice, and waits until the request is shown. @param window as people write it: "12s" */
export async function ask(host: Host, session: string, window: string): Promise<Asked> {
  const client = new Client(host.people.alice.sshArgs(['-t', session, `--for ${window} --reason INC-1 bench`]));
  const { match } = await client.until(/Request ([0-9A-Z]{6})/);
  await client.until(/Waiting for approval/);
  return { client, session, request: match[1] ?? '' };
}

/** Approves as bob, with a new sign-in. */
export async function approve(host: Host, requests: readonly string[]): Promise<void> {
  const { bob } = host.people;
  const terminal = bob.ssh(['approve', ...requests], { tty: false });
  await bob.signInFrom(terminal);
  const { code } = await terminal.exit;
  if (code !== 0) throw new Error(`not approved: ${terminal.text}`);
}

/** Attaches as alice under her live grant. */
export const attach = (host: Host, session = 'prod-db'): Client =>
  new Client(host.people.alice.sshArgs(['-t', session]));

export const since = (from: Moment, to: Moment): number => to.mono - from.mono;
