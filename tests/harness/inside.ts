// Brings people into a session, and reads what root on the host can see: connections, journal, cgroups.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import { cgroupMount } from '../../scripts/sandbox/cgroup.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { openHost, type Host, type HostOptions } from '../../scripts/sandbox/host.ts';
import type { SandboxConfig } from '../../scripts/sandbox/install.ts';
import { openStoreUnderTest, type OutsideStore } from './store-under-test.ts';
import { readingJournal } from '../../src/core/messages/history.ts';
import { checkJournal } from './journal-table.ts';
import type { Layout } from '../../scripts/sandbox/layout.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import type { Terminal } from '../../scripts/sandbox/terminal.ts';

/**
 * The prefix of a sandbox for this worker of the test runner, of the same length as the given one. TMUX_GATE_PLACE, a letter, keeps two
 * runs on one machine apart.
 */
export function place(prefix: string): string {
  const { TMUX_GATE_PLACE: run = 't', JEST_WORKER_ID: worker = '1' } = process.env;
  return `${run}${String.fromCharCode('f'.charCodeAt(0) + Number(worker))}${prefix.slice(2)}`;
}

/** OpenSSH 9's default key exchange takes the client 0.1 s of computing each time, which no test needs. */
const clientConfig = ['KexAlgorithms curve25519-sha256'];

export interface TestHostOptions extends HostOptions {
  /** The test is about the Redis that the keeper runs, and has it also where the suite is run on another store. */
  readonly ownRedis?: true;
}

/**
 * Opens a host of the build under test, with this worker's prefix. TMUX_GATE_DIST names another build, such as a mutant's. When the host is
 * closed, what its keepers wrote is checked against the table of events.
 */
export async function testHost({ ownRedis, ...options }: TestHostOptions): Promise<Host> {
  const { TMUX_GATE_DIST: named } = process.env;
  const given: HostOptions = { ...(named === undefined ? {} : { dist: named }), clientConfig, ...options };
  const since = Date.now();
  const prefix = place(options.prefix);
  const store = ownRedis ? undefined : await openStoreUnderTest(prefix);
  const config = store === undefined ? {} : { config: firstWith(store.redis, options.config) };
  const host = await openHost({ ...given, ...config, prefix }).catch(async (error: unknown) => {
    await store?.[Symbol.asyncDispose]();
    throw error;
  });
  const checked = given.dist === undefined ? checkedAtClose(host, since) : host;
  return store === undefined ? checked : onStore(checked, store);
}

/** A policy that names no other Redis names this one. */
const withStore = (redis: object, own: object): object =>
  'redis' in own && own.redis === 'embedded' ? { ...own, redis } : own;

const firstWith =
  (redis: object, config: HostOptions['config'] = (given) => given) =>
  (given: SandboxConfig): object =>
    withStore(redis, config(given));

/** Each later policy names the store too, and the store is closed with the host. */
function onStore(host: Host, store: OutsideStore): Host {
  const write = host.writeConfig.bind(host);
  Object.defineProperty(host, 'writeConfig', { value: (next: object) => write(withStore(store.redis, next)) });
  const close = host[Symbol.asyncDispose];
  const value = async (): Promise<void> => {
    try {
      await close();
    } finally {
      await store[Symbol.asyncDispose]();
    }
  };
  return Object.defineProperty(host, Symbol.asyncDispose, { value });
}

function checkedAtClose(host: Host, since: number): Host {
  const close = host[Symbol.asyncDispose];
  const value = async (): Promise<void> => {
    try {
      checkJournal(`${host.root}/var/lib/tmux-gate/journal/journal.jsonl`, since);
    } finally {
      await close();
    }
  };
  return Object.defineProperty(host, Symbol.asyncDispose, { value });
}

/** What the keeper's state file says of a connection (run/tmux-gate/c/ID.json). */
export interface ConnectionFacts {
  readonly id: string;
  readonly session: string;
  readonly grant: string;
  readonly request: string;
  readonly recording: string;
  readonly who: { readonly login: string };
  /** Instant, milliseconds. */
  readonly end: number;
  readonly gate: { readonly pid: number };
}

/** A person who is attached. */
export interface Inside extends ConnectionFacts {
  readonly terminal: Terminal;
}

/** What to ask for, and who approves. */
export interface Wish {
  readonly session?: string;
  readonly window?: string;
  readonly approver?: Person;
}

const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;
/** The prompt of a shell. */
export const prompt = /\$ /;

/** Asks for a session, has it approved, and waits for the session's prompt. */
export async function enter(host: Host, person: Person, wish: Wish = {}): Promise<Inside> {
  const { terminal, request } = await ask(host, person, wish);
  await approve(wish.approver ?? host.people.bob, request);
  return arrived(host, person, terminal);
}

/** Connects again under a live grant and a remembered sign-in, and waits for the session's prompt. */
export async function comeBack(host: Host, person: Person, session = 'prod-db'): Promise<Inside> {
  return arrived(host, person, person.ssh(['-t', session]));
}

/** Asks for a session and waits until its request is shown. */
export async function ask(
  host: Host,
  person: Person,
  wish: Wish = {},
): Promise<{ terminal: Terminal; request: string }> {
  const { session = 'prod-db', window = '5m' } = wish;
  const terminal = person.ssh(['-t', session, `--for ${window} --reason INC-1 look`]);
  const [seen, id] = await terminal.until(/user_code=[A-Z]{4}-[A-Z]{4}|Request ([0-9A-Z]{6})/);
  if (id !== undefined) return { terminal, request: id };
  await completeSignIn(link.exec(terminal.text)?.[0] ?? seen, person.account);
  const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})/);
  await terminal.until('Waiting for approval');
  return { terminal, request };
}

/** Approves a request with a new sign-in, and waits for the end of the command. @throws Error when it was refused */
export async function approve(approver: Person, request: string): Promise<void> {
  const terminal = approver.ssh(['approve', request], { tty: false });
  await approver.signInFrom(terminal);
  const { code } = await terminal.ended();
  if (code !== 0) throw new Error(`not approved: ${terminal.text}`);
}

/** Waits for the session's prompt. @returns the person's newest connection */
async function arrived(host: Host, person: Person, terminal: Terminal): Promise<Inside> {
  await terminal.until(/until \d\d:\d\d:\d\d UTC \(/);
  await terminal.until(prompt);
  const mine = connections(host.layout).filter(({ who }) => who.login === person.login);
  const facts = mine.at(-1);
  if (facts === undefined) throw new Error('the keeper knows of no connection');
  return { ...facts, terminal };
}

/** Revokes the grants of all connections, so that a failed test leaves none to the next. */
export async function endAll(host: Host): Promise<void> {
  for (const { grant } of connections(host.layout)) await host.cli(['revoke', grant]);
}

/** Revokes all live grants, also unused ones, which keep their session and whatever was done to it. */
export async function endGrants(host: Host): Promise<void> {
  // A keeper that has just started refuses until Redis answers.
  const listed = await eventually(
    'the grants are listed',
    async () => {
      const { code, stdout } = await host.cli(['grants', '--json']);
      return code === 0 ? stdout : undefined;
    },
    60_000,
  );
  const ids = (JSON.parse(listed) as readonly { readonly id: string }[]).map(({ id }) => id);
  const told = await Promise.all(ids.map(async (id) => host.cli(['revoke', id])));
  for (const { code, stderr } of told) if (code !== 0) throw new Error(`not revoked: ${stderr}`);
}

/** Runs the local tmux-gate as root. @returns its stdout. @throws Error when it does not succeed */
export async function rootRuns(host: Host, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await host.cli(words);
  if (code !== 0) throw new Error(`${words.join(' ')}: ${String(code)} ${stderr}`);
  return stdout;
}

/** Runs a verb without a terminal, signs in if that is asked, and waits for its end. */
export async function verb(person: Person, words: readonly string[]): Promise<{ code: number | null; text: string }> {
  const terminal = person.ssh(words, { tty: false });
  const signIn = terminal.until(link).then(async ([url]) => completeSignIn(url, person.account));
  signIn.catch(() => undefined); // no sign-in was asked for
  const { code } = await terminal.exit;
  return { code, text: terminal.text };
}

/** What a command wrote on standard error, without the line that says that it waits: on a busy machine every answer may take long. */
export const withoutProgress = (stderr: string): string => stderr.replace(`${readingJournal} ...\n`, '');

/** The connection of a state file; none if it ended since the folder was listed. */
function factsOf(path: string): readonly (ConnectionFacts & { since: number })[] {
  try {
    return [JSON.parse(readFileSync(path, 'utf8')) as ConnectionFacts & { since: number }];
  } catch {
    return [];
  }
}

/** The live connections, oldest first. */
export function connections({ run }: Layout): readonly ConnectionFacts[] {
  const names = existsSync(`${run}/c`) ? readdirSync(`${run}/c`) : [];
  return names
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => factsOf(`${run}/c/${name}`))
    .sort((a, b) => a.since - b.since);
}

export type JournalRecord = Readonly<Record<string, unknown>> & { readonly event: string };

/** All records of the journal. */
export function journal({ root }: Layout): readonly JournalRecord[] {
  const text = readFileSync(`${root}/var/lib/tmux-gate/journal/journal.jsonl`, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1) // without a record that is being written
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as JournalRecord);
}

/** The pids in the cgroup of a connection (`c`) or session (`s`); none when it is gone. */
export function cgroupPids(layout: Layout, kind: 'c' | 's', id: string): readonly number[] {
  const file = `${cgroupMount()}/${layout.cgroups.keeper}/${kind}/${id}/cgroup.procs`;
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number) : [];
}

/** Whether a process exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
  } catch {
    return false;
  }
}
