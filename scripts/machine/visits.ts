// The first visits on a host that was just installed: approval, a restart of the keeper in the middle, what systemd offers to outlive a
// window, revocation, expiry, a reboot.
import { setTimeout as delay } from 'node:timers/promises';
import { answers, expect, nobodyLeft, tell, type Act } from './act.ts';
import { echo } from './people.ts';

/** What somebody in the session starts to outlive the window. Each sleeps for a different time, by which it is recognised. */
const stays = [
  'setsid sleep 4001 &',
  'nohup sleep 4002 >/dev/null 2>&1 &',
  'systemd-run --user --scope sleep 4003 &',
  'XDG_RUNTIME_DIR=/run/user/$(id -u) systemd-run --user sleep 4004',
  'loginctl enable-linger',
];

/** The keeper is restarted in the middle of a session, which is revoked at the end. Alice is attached when it begins. */
export async function restartAndRevoke({ host }: Act, { terminal, request }: Attached): Promise<void> {
  for (const line of stays) terminal.type(`${line}\r`);
  await echo(terminal, 'planted');
  await host.sh('systemctl restart tmux-gate');
  await echo(terminal, 'goes-on');
  await host.until(answers);
  await host.sh('tmux-gate connections --json', /"login":"alice"/);
  tell('The keeper was restarted by systemd: the session went on, and the new keeper knows of it.');
  await host.sh(`tmux-gate revoke ${request}`, /confirmed/);
  await terminal.ended();
  await host.until(nobodyLeft);
  tell('Revoked: her line is cut and no process of the session account is left, asked for through systemd or not.');
  await host.sh('tmux-gate audit verify', /whole/);
  await host.until('ls /var/lib/tmux-gate/recordings/*/*.cast.zst');
  tell('The journal verifies and the recording is there.');
}

type Attached = Awaited<ReturnType<Act['people']['attach']>>;

/** A window ends by itself. */
export async function expire({ host, people }: Act): Promise<void> {
  const { terminal } = await people.attach('8s', true);
  await terminal.until('has ended', { timeoutMs: 30_000 });
  await terminal.ended();
  await host.until(nobodyLeft);
  tell('Expired: at the end of her window she is disconnected, and nothing of hers is left.');
}

/** A window goes on over a reboot of the host, and needs no other approval. */
export async function reboot({ host, people }: Act): Promise<void> {
  const { terminal, request } = await people.attach('5m', true);
  const ended = terminal.ended();
  await host.reboot();
  await ended;
  await host.until(answers);
  const again = await people.attachAgain();
  await echo(again, 'after-the-reboot');
  await host.sh(`tmux-gate revoke ${request}`, /confirmed/);
  await again.ended();
  // Ending a session takes a moment, and the next act begins one of the same name.
  await host.until(nobodyLeft);
  await delay(2_500);
  expect('the journal verifies', (await host.outcome('tmux-gate', 'audit', 'verify')).code === 0, 'it does not');
  tell('Rebooted: the keeper is up by itself, and alice was back in the rest of her window without another approval.');
}
