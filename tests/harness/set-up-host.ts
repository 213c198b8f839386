// A stock host for `tmux-gate init`: a root of its own with the built programs, the accounts of the package, a provider and a real sshd for
// its admin.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { plainEnv, type Outcome } from '../../scripts/sandbox/exec.ts';
import { killCgroup } from '../../scripts/sandbox/cgroup.ts';
import { repo } from '../../scripts/sandbox/layout.ts';
import { startProvider, type Provider } from '../../scripts/sandbox/provider.ts';
import type { PersonAccount } from '../../scripts/sandbox/provider-messages.ts';
import { freePort } from '../../scripts/sandbox/sockets.ts';
import { makeKey } from '../../scripts/sandbox/sshd.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { ownRoot, type OwnRoot } from './own-root.ts';

export const alice: PersonAccount = {
  ...{ username: 'alice', password: 'the password of alice', sub: '00u-alice', email: 'alice@example.com' },
  ...{ fullName: 'Alice', groups: ['engineers'] },
};

const stock = `set -eu
rm -rf /etc/tmux-gate /etc/ssh/tmux-gate-keys /etc/sudoers.d/tmux-gate /etc/ssh/sshd_config.d/tmux-gate.conf
getent group tmux-gate >/dev/null || groupadd --system tmux-gate
getent group tmux-gate-service >/dev/null || groupadd --system tmux-gate-service
id tmux-gate >/dev/null 2>&1 || useradd --system -g tmux-gate-service -M -d /nonexistent -s /usr/sbin/nologin tmux-gate
ln -sf /usr/lib/tmux-gate/tmux-gate /usr/sbin/tmux-gate
ssh-keygen -A >/dev/null
mkdir -p -m 0700 /root/.ssh
`;

export interface SetUpHost extends AsyncDisposable {
  readonly host: OwnRoot;
  readonly provider: Provider;
  /** Answers for everything, in a file of the host. @returns its path */
  answers(differs?: Readonly<Record<string, unknown>>): string;
  /** Runs `tmux-gate` on the host, without a terminal. */
  gate(...words: readonly string[]): Promise<Outcome>;
  /** Opens a new ssh connection of root, and runs a command in it. @param options of ssh(1) */
  ssh(words: readonly string[], options?: readonly string[]): Terminal;
  /** A new key. @returns the path of its public half on the host */
  key(name: string): Promise<string>;
}

/** Makes one. */
export async function setUpHost(cgroup: string): Promise<SetUpHost> {
  await using made = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-init-'));
  made.defer(() => rmSync(folder, { recursive: true, force: true }));
  made.defer(async () => killCgroup(cgroup));
  const host = made.use(await ownRoot(join(repo, 'dist/usr/lib/tmux-gate')));
  const provider = made.use(await startProvider([alice], cgroup));
  await host.must('sh', '-c', stock);
  const port = await freePort();
  const rootKey = await makeKey(join(folder, 'root'), 'root');
  writeFileSync(join(host.root, 'root/.ssh/authorized_keys'), `${rootKey}\n`, { mode: 0o600 });
  const options = [`ListenAddress=127.0.0.1`, 'PermitRootLogin=prohibit-password', 'PidFile=/run/sshd.pid'];
  await host.must('/usr/sbin/sshd', '-p', String(port), ...options.flatMap((one) => ['-o', one]));
  const known = ['-o', 'StrictHostKeyChecking=accept-new', '-o', `UserKnownHostsFile=${join(folder, 'known')}`];
  const base = ['-F', 'none', '-i', join(folder, 'root'), '-o', 'IdentitiesOnly=yes', '-o', 'LogLevel=ERROR', ...known];
  mkdirSync(join(host.root, 'root/keys'));
  const rest = made.move();
  return {
    ...{ host, provider },
    answers: (differs = {}) => writeAnswers(host, provider.issuer, differs),
    gate: async (...words) => host.run('tmux-gate', ...words),
    ssh: (words, more = []) =>
      new Terminal('ssh', [...base, ...more, '-p', String(port), 'root@127.0.0.1', ...words], {
        env: plainEnv,
        tty: false,
      }),
    key: async (name) => {
      const line = await makeKey(join(folder, name), name);
      writeFileSync(join(host.root, 'root/keys', `${name}.pub`), `${line}\n`);
      return `/root/keys/${name}.pub`;
    },
    [Symbol.asyncDispose]: async () => rest[Symbol.asyncDispose](),
  };
}

function writeAnswers(host: OwnRoot, issuer: string, differs: Readonly<Record<string, unknown>>): string {
  const claims = { login: { claim: 'email', strip_domain: 'example.com' }, groups: 'groups' };
  const answers = {
    host: 'prod-box',
    oidc: { issuer, client_id: 'tmux-gate', insecure_http: true, claims },
    session: { name: 'prod-db', run_as: 'init-dba', who: ['engineers'], approvers: ['oncall'] },
    logins: [{ name: 'init-alice', keys: '/root/keys/alice.pub' }],
    ...differs,
  };
  writeFileSync(join(host.root, 'root/answers.yaml'), stringify(answers), { mode: 0o600 });
  return '/root/answers.yaml';
}
