// The installation, word for word as README.md and docs/install.md have it (tests/architecture/install.test.ts compares), on a host that has
// nothing but Debian and sshd; and what an admin has at hand for it: the policy and the keys.
import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { answers, type Act } from './act.ts';

/** What an admin types, in a folder with the package, `config.yaml`, `alice.pub` and `bob.pub`. */
export const installCommands: readonly string[] = [
  'apt-get install -y ./tmux-gate_0.1.0_amd64.deb',
  'useradd -m -s /bin/bash -p "*" dba',
  'for login in alice bob; do useradd -M -d /nonexistent -s /bin/sh -p "*" -G tmux-gate $login; done',
  'for login in alice bob; do install -m 0644 $login.pub /etc/ssh/tmux-gate-keys/$login; done',
  'install -m 0600 config.yaml /etc/tmux-gate/config.yaml',
  'install -m 0644 /usr/share/tmux-gate/tmux.conf /etc/tmux-gate/tmux.conf',
  'install -m 0440 /usr/share/tmux-gate/sudoers /etc/sudoers.d/tmux-gate && visudo -cq',
  'install -m 0644 /usr/share/tmux-gate/sshd.conf /etc/ssh/sshd_config.d/tmux-gate.conf && sshd -t && systemctl reload ssh',
  'tmux-gate policy check && systemctl enable --now tmux-gate',
];

/** The policy for this provider. */
function policyFor(issuer: string): object {
  const claims = { login: { claim: 'email', strip_domain: 'example.com' }, groups: 'groups' };
  const session = { run_as: 'dba', who: ['engineers'], approvers: { groups: ['oncall'] }, session_grace: '2s' };
  const sessions = { 'prod-db': { ...session, window: { default: '30m', max: '1h' } } };
  return { host: 'prod-box', oidc: { issuer, client_id: 'tmux-gate', insecure_http: true, claims }, sessions };
}

/** @throws Error when a command fails */
export async function installByTheBook({ host, people, issuer, deb }: Act): Promise<void> {
  copyFileSync(deb, join(host.root, 'root', basename(deb)));
  for (const name of ['alice', 'bob']) host.write(`root/${name}.pub`, `${await people.key(name)}\n`);
  host.write('root/config.yaml', stringify(policyFor(issuer)), 0o600);
  for (const command of installCommands)
    await host.sh(`cd /root && export DEBIAN_FRONTEND=noninteractive && ${command}`);
  await host.until(answers);
}
