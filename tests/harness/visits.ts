// Visits as people make them: ask, be approved, attach, leave.
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import type { Terminal, TerminalOptions } from '../../scripts/sandbox/terminal.ts';
import { approve, connections } from './inside.ts';
import type { Seen } from './refused.ts';

const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;
/** The prompt of the session account's shell. */
export const shellPrompt = /dba@\w+:~\$ /;

/** What to ask for. */
export interface Asked {
  readonly session?: string;
  readonly window?: string;
  readonly reason?: string;
  readonly terminal?: TerminalOptions;
}

/** A visit and its request. */
export interface Waiting {
  readonly terminal: Terminal;
  readonly request: string;
}

/** Asks for a session with all words in the command, signs in if that is asked, and waits until the request is shown. */
export async function requestAccess(person: Person, asked: Asked = {}): Promise<Waiting> {
  const { session = 'prod-db', window = '5m', reason = 'INC-1 look' } = asked;
  const terminal = person.ssh(['-t', session, `--for ${window} --reason ${reason}`], asked.terminal);
  const waits = terminal.until(/Request ([0-9A-Z]{6})[^]*Waiting(?: for an answer)?/);
  void signInWhenAsked(terminal, person);
  const [, request = ''] = await waits;
  return { terminal, request };
}

/** Completes a sign-in as soon as one is asked for; returns when the terminal ends or waits for an answer instead. */
export async function signInWhenAsked(terminal: Terminal, person: Person): Promise<void> {
  const ended = terminal.exit.then(() => true);
  while (!link.test(terminal.text)) {
    if (await Promise.race([ended, new Promise<false>((resolve) => setTimeout(resolve, 20, false))])) return;
    if (terminal.text.includes('Waiting for approval')) return;
  }
  const [url] = link.exec(terminal.text) ?? [];
  if (url !== undefined) await completeSignIn(url, person.account).catch(() => undefined);
}

/** Asks for a session, has it approved, and waits for the session's prompt. */
export async function letIn(
  host: Host,
  person: Person,
  asked: Asked = {},
  approver: Person = host.people.bob,
): Promise<Waiting> {
  const waiting = await requestAccess(person, asked);
  await approve(approver, waiting.request);
  await waiting.terminal.until(shellPrompt);
  return waiting;
}

/** Revokes the grant of this request as root, and waits until the person's ssh has ended. @throws Error when it was not revoked */
export async function endIt(host: Host, { terminal, request }: Waiting): Promise<void> {
  const { code, stderr } = await host.cli(['revoke', request]);
  if (code !== 0) throw new Error(`not revoked: ${stderr}`);
  await terminal.exit;
}

/** Revokes all grants, so that the next test starts without any. */
export async function putInOrder(host: Host): Promise<void> {
  for (const { request } of connections(host.layout)) await host.cli(['revoke', request]);
  // Somebody who was approved may not be attached yet.
  const { code, stdout } = await host.cli(['grants', '--json']);
  const left = code === 0 ? (JSON.parse(stdout) as readonly { readonly id: string }[]) : [];
  for (const { id } of left) await host.cli(['revoke', id]);
}

/** Withdraws a request by key, and waits until ssh has ended. */
export async function leaveQueue({ terminal }: Waiting): Promise<Seen> {
  terminal.type('q');
  return { code: (await terminal.exit).code, text: terminal.text };
}

/** Runs a verb without a terminal, signs in if that is asked, and waits for its end. @param as who completes the sign-in */
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

/** Runs a verb with `--json`. @returns the rows of the listing. @throws Error when it was refused */
export async function rows(person: Person, verb: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { code, text, stdout } = await say(person, [verb, '--json']);
  if (code !== 0) throw new Error(`${verb}: ${text}`);
  return JSON.parse(stdout) as readonly Readonly<Record<string, unknown>>[];
}

let asked = 0;

/** Runs a line in the session's shell. @returns its output as one line; a number in it tells it from what is still on the screen */
export async function says({ terminal }: Pick<Waiting, 'terminal'>, line: string): Promise<string> {
  const n = String(++asked);
  terminal.type(`clear; printf '<%s:%s>\\n' ${n} "$(${line})" | tr '\\n' ' '; echo\r`);
  const [, said = ''] = await terminal.until(new RegExp(`<${n}:([^>]*)>`));
  return said;
}
