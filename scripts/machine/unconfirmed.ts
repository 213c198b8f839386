// A change of `init` that nobody confirms, while everything that could undo it dies: its writer, its guard, and the host. Then the same, confirmed.
import { expect, nobodyLeft, tell, type Act } from './act.ts';
import { installByTheBook, installCommands } from './install.ts';
import { install } from './package-life.ts';

/** What `init` changes, as one hash; the unit that stands for the next boot is in it. */
const stateOfHost =
  'cd /etc && { cat passwd group shadow gshadow; find ssh sudoers* systemd tmux-gate -type f -exec sha256sum {} + ; } 2>/dev/null | sort | sha256sum';
const guard = 'systemctl show -P MainPID tmux-gate-init-guard';
const pending = '/var/lib/tmux-gate/setup/pending.json';

/** On a host where `init` has never run, or everything of it is gone. */
export async function undoneAtBoot({ host, people, deb }: Act): Promise<void> {
  await host.sh(install(deb));
  const before = await host.sh(stateOfHost);
  const [, , init] = installCommands;
  const terminal = people.ssh('root', ['-t', init], true);
  await terminal.until('Make these changes? [y/N] ');
  terminal.type('y\r');
  await terminal.until(/init --confirm [0-9A-Z]{8}/);
  expect('the host is changed', (await host.sh(stateOfHost)) !== before, before);
  const first = (await host.sh(guard)).trim();
  await host.sh(`kill -9 ${first} && pkill -9 -f '[i]nit --from'`);
  await host.until(`test "$(${guard})" != ${first} && test "$(${guard})" != 0`);
  await host.sh(`test -f ${pending}`);
  tell('init unconfirmed: its guard was killed, and systemd started it again.');
  await host.reboot();
  expect(
    'the host is as before',
    (await host.sh(stateOfHost)) === before,
    await host.sh('ls -lR /etc/ssh /etc/systemd/system'),
  );
  await host.sh(`! test -e ${pending} && sshd -t && visudo -cq`);
  const root = await people.sshOutcome('root', 'id -u');
  expect('root logs in as before', root.code === 0 && root.stdout.trim() === '0', root);
  tell('init unconfirmed: rebooted meanwhile, and all of it was undone before sshd started.');
}

/** Who was kept out by the purge comes in again by an approval, once `init` says that they may ask. */
export async function installedAgain(act: Act): Promise<void> {
  const { host, people } = act;
  await installByTheBook(act);
  await host.sh("! tmux-gate doctor | grep '^FAIL .*sshd'");
  const { terminal, request } = await people.attach();
  await host.sh(`tmux-gate revoke ${request}`, /confirmed/);
  await terminal.ended();
  await host.until(nobodyLeft);
  tell('Installed again after the purge, by the same commands: alice is attached, approved by bob.');
}
