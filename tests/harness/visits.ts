// Visits as people make them: a request, an approval, a way in and a way out.
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import type { Terminal, TerminalOptions } from '../../scripts/sandbox/terminal.ts';
import { approve, connections } from './inside.ts';
import type { Seen } from './refused.ts';

const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;
/** The prompt of the session account's shell, and not of anything that somebody wrote. */
export const shellPrompt = /dba@\w+:~\$ /;

export interface Asked {
  readonly session?: string;
  readonly window?: string;
  readonly reason?: string;
  readonly terminal?: TerminalOptions;
}

export interface Waiting {
  readonly terminal: Terminal;
  readonly request: string;
}

/** Knocks with everything on the line, signs in where that is asked, and waits before the request's screen. */
export async function knock(person: Person, asked: Asked = {}): Promise<Waiting> {
  const { session = 'prod-db', window = '5m', reason = 'INC-1 look' } = asked;
  const terminal = person.ssh(['-t', session, `--for ${window} --reason ${reason}`], asked.terminal);
  const waits = terminal.until(/Request ([0-9A-Z]{6})[^]*Waiting(?: for an answer)?/);
  void signInWhenAsked(terminal, person);
  const [, request = ''] = await waits;
  return { terminal, request };
}

/** Completes the sign-in if there is one before the terminal ends. */
export async function signInWhenAsked(terminal: Terminal, person: Person): Promise<void> {
  const ended = terminal.exit.then(() => true);
  while (!link.test(terminal.text)) {
    if (await Promise.race([ended, new Promise<false>((resolve) => setTimeout(resolve, 20, false))])) return;
    if (terminal.text.includes('Waiting for an answer')) return;
  }
  const [url] = link.exec(terminal.text) ?? [];
  if (url !== undefined) await completeSignIn(url, person.account).catch(() => undefined);
}

/** Asks, is approved by bob (or another), and waits for the session's prompt. */
export async function letIn(
  host: Host,
  person: Person,
  asked: Asked = {},
  approver: Person = host.people.bob,
): Promise<Waiting> {
  const waiting = await knock(person, asked);
  await approve(approver, waiting.request);
  await waiting.terminal.until(shellPrompt);
  return waiting;
}

/** Root ends the grant of this request, and the person's terminal ends with it. */
export async function endIt(host: Host, { terminal, request }: Waiting): Promise<void> {
  const { code, stderr } = await host.cli(['revoke', request]);
  if (code !== 0) throw new Error(`not revoked: ${stderr}`);
  await terminal.exit;
}

/** After a test that left somebody inside: the next one starts with nobody there. */
export async function putInOrder(host: Host): Promise<void> {
  for (const { request } of connections(host.layout)) await host.cli(['revoke', request]);
}

/** Withdraws a request by key. */
export async function leaveQueue({ terminal }: Waiting): Promise<Seen> {
  terminal.type('q');
  return { code: (await terminal.exit).code, text: terminal.text };
}

/** Runs a verb without a terminal; signs in if that is asked. */
export async function say(
  person: Person,
  words: readonly string[],
  as: Person = person,
): Promise<Seen & { stdout: string }> {
  const terminal = person.ssh(words, { tty: false });
  await signInWhenAsked(terminal, as);
  const { code } = await terminal.exit;
  return { code, text: terminal.text, stdout: terminal.stdout };
}

/** The same, for a listing: its rows. @throws Error when it was refused. */
export async function rows(person: Person, verb: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { code, text, stdout } = await say(person, [verb, '--json']);
  if (code !== 0) throw new Error(`${verb}: ${text}`);
  return JSON.parse(stdout) as readonly Readonly<Record<string, unknown>>[];
}

let asked = 0;

/** What a line prints in the session's shell, on one line. The number tells it from what is still on the screen. */
export async function says({ terminal }: Pick<Waiting, 'terminal'>, line: string): Promise<string> {
  const n = String(++asked);
  terminal.type(`clear; printf '<%s:%s>\\n' ${n} "$(${line})" | tr '\\n' ' '; echo\r`);
  const [, said = ''] = await terminal.until(new RegExp(`<${n}:([^>]*)>`));
  return said;
}
