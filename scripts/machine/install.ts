// The installation, word for word as README.md and docs/install.md have it (tests/architecture/install.test.ts compares), on a host that has
// nothing but Debian and sshd. Its admin is root over ssh, with a key; all that is typed is typed there, or, to confirm, in a new ssh login.
import { copyFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { repo } from '../sandbox/layout.ts';
import { answers, expect, type Act } from './act.ts';

/** Everything that an admin types, from the stock host to the keeper that runs. CODE is what init shows. */
export const installCommands = [
  'editor answers.yaml',
  'apt-get install -y ./tmux-gate_0.1.0_amd64.deb',
  'tmux-gate init --from answers.yaml',
  'ssh root@prod-box tmux-gate init --confirm CODE',
] as const;

interface Answers {
  readonly oidc: object;
  readonly logins: readonly { readonly name: string }[];
}

/** The answers of docs/install.md, with this provider and the keys of these people. */
async function answersFor({ people, issuer }: Act): Promise<string> {
  const [, shown = ''] = /^```yaml\n(.*?)^```$/ms.exec(readFileSync(join(repo, 'docs/install.md'), 'utf8')) ?? [];
  const { oidc, logins, ...rest } = parse(shown) as Answers;
  const own = await Promise.all(logins.map(async ({ name }) => ({ name, keys: await people.key(name) })));
  return stringify({ ...rest, oidc: { ...oidc, issuer, insecure_http: true }, logins: own });
}

/** Installs Valkey, so that the package's installation brings no Redis. */
export async function preferValkey({ host }: Act): Promise<void> {
  await host.sh('DEBIAN_FRONTEND=noninteractive apt-get install -y -q valkey-server');
}

/**
 * Where sudo is sudo-rs, `init` says so and changes nothing; then the classic one takes its place, as `init` says it.
 * @returns whether it was sudo-rs
 */
export async function preferClassicSudo(act: Act): Promise<boolean> {
  const { host, people, deb } = act;
  host.write('root/.ssh/authorized_keys', `${await people.key('root')}\n`, 0o600);
  copyFileSync(deb, join(host.root, 'root', basename(deb)));
  const [, install, init] = installCommands;
  host.write('root/answers.yaml', await answersFor(act), 0o600);
  const installed = await people.sshOutcome('root', install);
  expect('the package is installed', installed.code === 0, installed.stdout + installed.stderr);
  const { stdout: version } = await host.outcome('sudo', '--version');
  if (!version.startsWith('sudo-rs')) return false;
  const refused = await people.sshOutcome('root', init);
  expect('init refuses sudo-rs', refused.code !== 0 && refused.stderr.includes('[SUDO_RS]'), refused.stderr);
  const [, cure = ''] = /then: (update-alternatives .*)$/m.exec(refused.stderr) ?? [];
  const cured = await people.sshOutcome('root', cure);
  expect('classic sudo takes its place', cured.code === 0, cured.stdout + cured.stderr);
  return true;
}

/** @throws Error when a command fails */
export async function installByTheBook(act: Act): Promise<void> {
  const { host, people, deb } = act;
  host.write('root/.ssh/authorized_keys', `${await people.key('root')}\n`, 0o600);
  copyFileSync(deb, join(host.root, 'root', basename(deb)));
  const [, install, init, confirm] = installCommands;
  host.write('root/answers.yaml', await answersFor(act), 0o600); // what the editor does
  const installed = await people.sshOutcome('root', install);
  expect('the package is installed', installed.code === 0, installed.stdout + installed.stderr);
  const terminal = people.ssh('root', ['-t', init], true);
  await terminal.until('Make these changes? [y/N] ');
  terminal.type('y\r');
  const [, code = ''] = await terminal.until(/init --confirm ([0-9A-Z]{8})/);
  const [, , ...words] = confirm.replace('CODE', code).split(' ');
  const confirmed = await people.sshOutcome('root', ...words);
  expect('it is confirmed from a new login', confirmed.code === 0, confirmed.stdout + confirmed.stderr);
  const { code: ended } = await terminal.ended();
  expect('init has done everything', ended === 0, terminal.text);
  await host.until(answers);
}
