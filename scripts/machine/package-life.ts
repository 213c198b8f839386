// The package on a host that is in use: upgraded with ten connections, not downgraded over newer state, removed, installed again, purged.
import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Terminal } from '../sandbox/terminal.ts';
import { answers, expect, nobodyLeft, tell, type Act } from './act.ts';

const connections = 10;
const keyEveryMs = 50;
const drop = '/etc/ssh/sshd_config.d/tmux-gate.conf';
const format = '/var/lib/tmux-gate/format';

/** Installs without a network: what it depends on is there, or in apt's cache. */
export const install = (deb: string): string =>
  `DEBIAN_FRONTEND=noninteractive apt-get install -y -q --allow-downgrades /root/${basename(deb)}`;

/** Each connection has a letter, which it types at a steady pace. @returns how often each was typed */
async function typeUntil(terminals: readonly Terminal[], done: Promise<unknown>): Promise<ReadonlyMap<string, number>> {
  const typed = new Map<string, number>();
  const state = { over: false };
  void done.finally(() => (state.over = true)).catch(() => undefined);
  for (let round = 0; !state.over || round < 20; round++) {
    for (const [index, terminal] of terminals.entries()) {
      const letter = String.fromCharCode(97 + index);
      terminal.type(letter);
      typed.set(letter, (typed.get(letter) ?? 0) + 1);
    }
    if (round % 10 === 9) terminals[0]?.type('\r'); // a terminal takes 4096 bytes a line
    await delay(keyEveryMs);
  }
  return typed;
}

/** Ten connections type while a later version is installed: none is dropped and no key is lost. */
export async function upgradeInUse({ host, people, laterDeb }: Act): Promise<void> {
  copyFileSync(laterDeb, join(host.root, 'root', basename(laterDeb)));
  const { terminal, request } = await people.attach('10m', true);
  const others = await Promise.all(Array.from({ length: connections - 1 }, async () => people.attachAgain()));
  const all = [terminal, ...others];
  terminal.type('clear; cat >~/keys; echo "$((6*7))-counted"\r');
  await host.until('pgrep -u dba -x cat');
  const upgraded = host.sh(install(laterDeb));
  const typed = await typeUntil(all, upgraded);
  await upgraded;
  await host.until(answers);
  const live = JSON.parse(await host.sh('tmux-gate connections --json')) as readonly unknown[];
  expect('all are still connected', live.length === connections, live);
  terminal.type('\r');
  const wanted = [...typed.values()].reduce((sum, each) => sum + each, 0);
  await host.until(`[ "$(tr -d '\\n' <~dba/keys | wc -c)" -ge ${wanted} ]`);
  const received = await host.sh('cat ~dba/keys');
  for (const [letter, times] of typed)
    expect(`each ${letter} has arrived`, received.split(letter).length - 1 === times, { times, received });
  terminal.type('\x04');
  await terminal.until('42-counted');
  await host.sh(`tmux-gate version`);
  tell(
    `Upgraded with ${connections} connections that typed ${wanted} keys meanwhile: none was dropped, no key was lost.`,
  );
  await host.sh(`tmux-gate revoke ${request}`, /confirmed/);
  await Promise.all(all.map(async (each) => each.ended()));
  await host.until(nobodyLeft);
}

/** An earlier version is not installed over state of a later format, and the later one goes on. */
export async function refuseDowngrade({ host, deb }: Act): Promise<void> {
  const before = await host.sh("dpkg-query -W -f '${Version} ${db:Status-Status}' tmux-gate");
  const now = host.read(format);
  host.write(format, '999\n');
  const { code, stdout, stderr } = await host.outcome('sh', '-c', install(deb));
  expect(
    'it is refused',
    code !== 0 && /says format 999.*keep the later version/.test(stdout + stderr),
    stdout + stderr,
  );
  const after = await host.sh("dpkg-query -W -f '${Version} ${db:Status-Status}' tmux-gate");
  expect('the later one is still installed', after === before && after.endsWith('installed'), { before, after });
  expect('it goes on', (await host.outcome('sh', '-c', answers)).code === 0, 'it does not answer');
  const keeper = await host.outcome('timeout', '20', '/usr/lib/tmux-gate/keeper');
  expect('no keeper starts over it', keeper.code === 78 && keeper.stderr.includes('format 999'), keeper);
  host.write(format, now);
  await host.sh(install(deb));
  await host.until(answers);
  tell(
    'A downgrade over newer state is refused and changes nothing; over state that it knows it is an install like others.',
  );
}

/** What may not change for logins that are not gated. @throws Error when it has */
async function expectOthersUnharmed({ host, people }: Act): Promise<void> {
  const carol = await people.sshOutcome('carol', 'sudo -n id -u');
  expect('an ungated login works, and so does its sudo', carol.code === 0 && carol.stdout.trim() === '0', carol);
  await host.sh('sshd -t && visudo -cq');
}

async function expectAliceShut({ people }: Act): Promise<void> {
  const alice = await people.sshOutcome('alice', 'id -un');
  expect('who was gated is not let in', alice.code !== 0 && !alice.stdout.includes('alice'), alice);
}

/** A login that is not gated, as an admin has. */
export async function addCarol({ host, people }: Act): Promise<void> {
  await host.sh('useradd -m -s /bin/sh -p "*" carol');
  host.write('home/carol/.ssh/authorized_keys', `${await people.key('carol')}\n`);
  host.write('etc/sudoers.d/carol', 'carol ALL=(root) NOPASSWD: ALL\n', 0o440);
}

/** Removed: nobody is left inside, and others are as they were. Then installed again, and purged. */
export async function removeAndPurge(act: Act): Promise<void> {
  const { host, people, deb } = act;
  const { terminal } = await people.attach('5m', true);
  await host.sh('apt-get remove -y -q tmux-gate');
  await terminal.ended();
  await host.until(nobodyLeft);
  await expectOthersUnharmed(act);
  await expectAliceShut(act);
  tell('Removed: nobody is left inside, gated logins are refused, and sshd and sudo work for all others.');
  await host.sh(install(deb));
  await host.until(answers);
  await host.sh('tmux-gate audit verify', /whole/);
  tell('Installed again: the keeper is up, with the journal that it left.');
  await host.sh('apt-get purge -y -q tmux-gate');
  await expectOthersUnharmed(act);
  await expectAliceShut(act);
  const left = await host.sh(`cat ${drop}; ls -A /var/lib/tmux-gate`);
  expect('the accounts are kept out', /^DenyUsers .*\balice\b.*\bdba\b/m.test(left), left);
  expect(
    'the evidence stays, and no secret of the provider',
    /^journal$/m.test(left) && !left.includes('refresh'),
    left,
  );
  await host.sh('! ls -d /etc/tmux-gate /etc/sudoers.d/tmux-gate /usr/lib/tmux-gate 2>/dev/null');
  await host.sh(
    `${install(deb)} && TMUX_GATE_PURGE=everything apt-get purge -y -q tmux-gate && ! ls -d /var/lib/tmux-gate`,
  );
  tell(
    'Purged: the rules are gone, the evidence stays until everything is asked for, and nobody has come in who was kept out.',
  );
}
