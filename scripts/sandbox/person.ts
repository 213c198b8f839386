// A person with a login, a key and OpenSSH's client.
import { readFileSync } from 'node:fs';
import { Client } from 'ssh2';
import { addressAfterSignIn, completeSignIn, type Browser, type SignInOptions } from './browser.ts';
import { type ExecOptions, type Outcome, outcome, plainEnv } from './exec.ts';
import { writeExact } from './files.ts';
import type { Layout } from './layout.ts';
import type { PersonAccount } from './provider-messages.ts';
import { makeKey, type Sshd } from './sshd.ts';
import { Terminal, type TerminalOptions } from './terminal.ts';

const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;
/** A link of the code flow, whole. */
export const codeLink = /http:\/\/127\.0\.0\.1:\d+\/auth\?\S+(?=\s)/;

export class Person implements AsyncDisposable {
  /** Such as "alice": the host alias in the client's configuration. */
  readonly name: string;
  /** Such as "demo-alice": the Unix login. */
  readonly login: string;
  readonly account: PersonAccount;
  /** The file of the private key; that of the public key has ".pub" added. */
  readonly keyFile: string;
  readonly #config: string;
  readonly #sshd: Sshd;
  readonly #open = new Set<AsyncDisposable>();

  constructor(name: string, account: PersonAccount, layout: Layout, sshd: Sshd) {
    this.name = name;
    this.login = account.username;
    this.account = account;
    this.keyFile = keyFile(layout, account.username);
    this.#config = configFile(layout);
    this.#sshd = sshd;
  }

  /** The arguments of ssh for this person. @param args what they type after the host's name, options first */
  sshArgs(args: readonly string[] = []): string[] {
    return ['-F', this.#config, this.name, ...args];
  }

  /** The same as a line for a shell, to be typed as root on this machine. */
  sshLine(args: readonly string[] = []): string {
    const quote = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
    return ['ssh', ...this.sshArgs(args)].map(quote).join(' ');
  }

  /**
   * Runs ssh on a terminal of its own (or, with `tty: false`, on pipes). As always, ssh asks for a remote pty only without a command, or
   * with -t among the arguments.
   */
  ssh(args: readonly string[] = [], options: TerminalOptions = {}): Terminal {
    const env = { ...plainEnv, ...options.env };
    const terminal = new Terminal('ssh', this.sshArgs(args), { ...options, env });
    this.#open.add(terminal);
    void terminal.exit.then(() => this.#open.delete(terminal));
    return terminal;
  }

  /** Runs ssh without a terminal, to its end. */
  run(args: readonly string[], options: ExecOptions = {}): Promise<Outcome> {
    return outcome('ssh', this.sshArgs(args), options);
  }

  /** Connects with an ssh2 client, which checks the host's key. The caller ends it. @throws Error when it cannot */
  connect(): Promise<Client> {
    const client = new Client();
    this.#open.add({ [Symbol.asyncDispose]: () => Promise.resolve(void client.destroy()) });
    return new Promise((resolve, reject) => {
      client.once('ready', () => resolve(client)).once('error', reject);
      client.connect({
        host: '127.0.0.1',
        port: this.#sshd.port,
        username: this.login,
        privateKey: readFileSync(this.keyFile),
        hostVerifier: (key: Buffer) => key.toString('base64') === this.#sshd.hostKey.split(' ')[1],
      });
    });
  }

  /** Waits for a sign-in link in the terminal's output and completes it as this person. @returns the text of the last page */
  async signInFrom(terminal: Terminal, options: SignInOptions & { timeoutMs?: number } = {}): Promise<string> {
    const [url] = await terminal.until(link, options);
    return completeSignIn(url, this.account, options);
  }

  /**
   * Waits for a link of the code flow in the terminal's output, and completes it as this person.
   * @returns the address that they paste, which is not pasted yet
   */
  async addressFrom(terminal: Terminal, options: SignInOptions = {}, browser?: Browser): Promise<string> {
    const [url] = await terminal.until(codeLink);
    await terminal.until('Address: ');
    return addressAfterSignIn(url, this.account, options, browser);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open].map((open) => open[Symbol.asyncDispose]()));
  }
}

const keyFile = (layout: Layout, login: string): string => `${layout.client}/${login}`;
const configFile = (layout: Layout): string => `${layout.client}/ssh_config`;

/** Makes a key pair that sshd accepts for this login. */
export async function giveKey(layout: Layout, login: string): Promise<void> {
  const publicKey = await makeKey(keyFile(layout, login), login);
  writeExact(`${layout.keys}/${login}`, `${publicKey}\n`, 0o644);
}

/** Writes the client's configuration: a host alias for each person, with their own key. Nothing of the caller's configuration is used. */
export function writeClientConfig(
  layout: Layout,
  people: ReadonlyMap<string, PersonAccount>,
  sshd: Sshd,
  more: readonly string[] = [],
): void {
  writeExact(`${layout.client}/known_hosts`, `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`, 0o600);
  const hosts = [...people].map(
    ([name, { username }]) => `Host ${name}
  User ${username}
  IdentityFile ${keyFile(layout, username)}
`,
  );
  const common = `Host *
  HostName 127.0.0.1
  Port ${sshd.port}
  IdentitiesOnly yes
  IdentityAgent none
  PreferredAuthentications publickey
  UserKnownHostsFile ${layout.client}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  SendEnv LANG LC_*
${more.map((line) => `  ${line}\n`).join('')}`;
  writeExact(configFile(layout), [...hosts, common].join('\n'), 0o600);
}
