// Plays, on a booted host, the installation and the first approved, recorded attach, as the admin, alice and bob do it. Then tries what
// systemd offers to outlive a window: a restart in the middle of a session, a user's own manager, cron. Exit code 1 at the first failure.
import { addLogin, attach, expectDone, play, tell, writePolicy } from './on-host.ts';

/** What somebody in the session starts to outlive the window. Each sleeps for a different time, by which it is recognised. */
const stays = [
  'setsid sleep 4001 &',
  'nohup sleep 4002 >/dev/null 2>&1 &',
  'systemd-run --user --scope sleep 4003 &',
  'XDG_RUNTIME_DIR=/run/user/$(id -u) systemd-run --user sleep 4004',
  'loginctl enable-linger',
];

async function story(issuer: string): Promise<void> {
  const began = performance.now();
  await expectDone(['sh', '-c', 'cd /opt/tmux-gate && ./deploy/install.sh']);
  await expectDone(['useradd', '-m', '-s', '/bin/bash', '-p', '*', 'dba']);
  for (const name of ['alice', 'bob']) await addLogin(name);
  writePolicy(issuer);
  await expectDone(['tmux-gate', 'policy', 'check']);
  await expectDone(['systemctl', 'enable', '--now', 'tmux-gate']);
  await expectDone(['sh', '-c', 'until tmux-gate status >/dev/null 2>&1; do sleep 0.2; done']);
  const { terminal, request } = await attach();
  tell(
    `A stock host, five commands, ${Math.ceil((performance.now() - began) / 1000)} s: alice is attached, approved by bob.`,
  );
  for (const line of stays) terminal.type(`${line}\r`);
  terminal.type('echo "$((6*7))-planted"\r');
  await terminal.until('42-planted', { timeoutMs: 30_000 });
  await expectDone(['systemctl', 'restart', 'tmux-gate']);
  terminal.type('echo "$((6*7))-goes-on"\r');
  await terminal.until('42-goes-on');
  await expectDone(['sh', '-c', 'until tmux-gate status >/dev/null 2>&1; do sleep 0.2; done']);
  await expectDone(['tmux-gate', 'connections', '--json'], /"login":"alice"/);
  tell('The keeper was restarted by systemd: the session went on, and the new keeper knows of it.');
  await expectDone(['tmux-gate', 'revoke', request], /confirmed/);
  await terminal.exit;
  await expectDone(['sh', '-c', 'for i in $(seq 100); do pgrep -u dba >/dev/null || exit 0; sleep 0.2; done; exit 1']);
  tell('Revoked: her line is cut and no process of the session account is left, asked for through systemd or not.');
  await expectDone(['tmux-gate', 'audit', 'verify'], /whole/);
  await expectDone(['sh', '-c', 'until ls /var/lib/tmux-gate/recordings/*/*.cast.zst; do sleep 0.2; done']);
  tell('The journal verifies and the recording is there.');
}

process.exit(await play(story));
