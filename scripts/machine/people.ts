// Alice, who asks, bob, who approves, and carol, who is gated by nothing: what each types with OpenSSH's client.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completeSignIn } from '../sandbox/browser.ts';
import { outcome, plainEnv, type Outcome } from '../sandbox/exec.ts';
import type { PersonAccount } from '../sandbox/provider-messages.ts';
import { makeKey } from '../sandbox/sshd.ts';
import { Terminal } from '../sandbox/terminal.ts';

const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;

function personOf(name: string, group: string): PersonAccount {
  const email = `${name}@example.com`;
  const known = { username: name, password: `the password of ${name}`, fullName: name };
  return { ...known, sub: `00u-${name}`, email, groups: [group] };
}
const alice = personOf('alice', 'engineers');
const bob = personOf('bob', 'oncall');

/** Everybody whom the provider knows. */
export const people: readonly PersonAccount[] = [alice, bob];

export class People implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tmux-gate-fresh-host-keys-'));
  readonly #keys = new Map<string, string>();

  /** @returns the public key of somebody, the same each time */
  async key(name: string): Promise<string> {
    const key = this.#keys.get(name) ?? (await makeKey(join(this.#folder, name), name));
    this.#keys.set(name, key);
    return key;
  }

  /** The path of somebody's private key; `key` makes it. */
  privateKey(name: string): string {
    return join(this.#folder, name);
  }

  #words(login: string, words: readonly string[]): readonly string[] {
    const options = [
      '-i',
      this.privateKey(login),
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'LogLevel=ERROR',
      '-o',
      'BatchMode=yes',
    ];
    const known = [
      '-o',
      'StrictHostKeyChecking=accept-new',
      '-o',
      `UserKnownHostsFile=${join(this.#folder, 'known_hosts')}`,
    ];
    return [...options, ...known, `${login}@127.0.0.1`, ...words];
  }

  ssh(login: string, words: readonly string[], tty: boolean): Terminal {
    return new Terminal('ssh', this.#words(login, words), { env: plainEnv, tty });
  }

  /** Runs ssh to its end, without a terminal. */
  async sshOutcome(login: string, ...words: readonly string[]): Promise<Outcome> {
    return outcome('ssh', this.#words(login, words));
  }

  async #signIn(terminal: Terminal, person: PersonAccount): Promise<void> {
    const [url] = await terminal.until(link, { timeoutMs: 30_000 });
    await completeSignIn(url, person);
  }

  /** Alice asks and signs in where she has to, bob approves, and she is at her prompt. */
  async attach(window = '5m', signedIn = false): Promise<{ readonly terminal: Terminal; readonly request: string }> {
    const terminal = this.ssh('alice', ['-t', 'prod-db', `--for ${window} --reason look`], true);
    if (!signedIn) await this.#signIn(terminal, alice);
    const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})/);
    const approver = this.ssh('bob', ['approve', request], false);
    await this.#signIn(approver, bob);
    if ((await approver.exit).code !== 0) throw new Error(`not approved:\n${approver.text}`);
    await terminal.until(prompt);
    return { terminal, request };
  }

  /** Alice attaches again, in what is left of her window: nobody is asked. */
  async attachAgain(): Promise<Terminal> {
    const terminal = this.ssh('alice', ['-t', 'prod-db'], true);
    await terminal.until(prompt);
    return terminal;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What the session account's shell shows. */
const prompt = /dba@\S+\$ /;

/** Types a command and waits for what it prints. @throws Error when nothing comes back */
export async function echo(terminal: Terminal, word: string): Promise<void> {
  terminal.type(`echo "$((6*7))-${word}"\r`);
  await terminal.until(`42-${word}`, { timeoutMs: 30_000 });
}
