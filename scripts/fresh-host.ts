// Plays the whole life of an installation on a booted host. Started by scripts/fresh-host in a network of its own, in which the host and its
// provider have their loopback addresses.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { expect, nobodyLeft, tell, type Act } from './machine/act.ts';
import { byAnsible } from './machine/ansible.ts';
import { expectAfterBoot, expectAfterCut } from './machine/after-power-cut.ts';
import { BootedHost } from './machine/booted-host.ts';
import { byCloudInit, seedUserData, serveFile } from './machine/cloud-init.ts';
import { installByTheBook, installCommands, preferClassicSudo, preferValkey } from './machine/install.ts';
import { addCarol, refuseDowngrade, removeAndPurge, upgradeInUse } from './machine/package-life.ts';
import { People, people as everybody } from './machine/people.ts';
import { reloadBySystemd, secretByCredential } from './machine/reload-and-credential.ts';
import { supervised } from './machine/supervised.ts';
import { installedAgain, undoneAtBoot } from './machine/unconfirmed.ts';
import { untilPowerCut } from './machine/until-power-cut.ts';
import { expire, reboot, restartAndRevoke } from './machine/visits.ts';
import { buildPackage } from './packaging/build.ts';
import { releaseOf } from './packaging/texts.ts';
import { killCgroup } from './sandbox/cgroup.ts';
import { startProvider } from './sandbox/provider.ts';

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    'power-cut': { type: 'boolean', default: false },
    'install-alone': { type: 'boolean', default: false },
    valkey: { type: 'boolean', default: false },
    'sudo-rs': { type: 'boolean', default: false },
    ansible: { type: 'boolean', default: false },
    'cloud-init': { type: 'boolean', default: false },
  },
});
const providersCgroup = `tmux-gate-fresh-host-provider-${process.pid}`;
const laterVersion = '0.1.1';

/** The package of this checkout, and the same as a later version. */
async function packages(into: string): Promise<Pick<Act, 'deb' | 'laterDeb'>> {
  const build = async (version?: string): Promise<string> =>
    buildPackage('deb-amd64', into, { ...releaseOf(version), packed: 'none' });
  const deb = await build();
  return {
    deb,
    laterDeb: given['install-alone'] || given.ansible || given['cloud-init'] ? deb : await build(laterVersion),
  };
}

/** From the stock host to the first approved, recorded attach. @returns the seconds that it took */
async function first(act: Act): Promise<number> {
  const began = performance.now();
  await installByTheBook(act);
  const attached = await act.people.attach();
  const seconds = Math.ceil((performance.now() - began) / 1000);
  tell(`A stock host, ${installCommands.length} commands, ${seconds} s: alice is attached, approved by bob.`);
  expect('it takes at most five minutes', seconds <= 300, seconds);
  await addCarol(act);
  await restartAndRevoke(act, attached);
  return seconds;
}

async function cutPower(act: Act): Promise<void> {
  const before = await untilPowerCut(act);
  await act.host.cutPower();
  await expectAfterCut(act.host.root, before);
  await act.host.bootAgain();
  await expectAfterBoot(act.host, before);
  await act.host.sh(`tmux-gate revoke ${before.request}`, /confirmed/); // her window outlived the cut
  await act.host.until(nobodyLeft);
}

async function story(act: Act): Promise<void> {
  if (given.ansible) return byAnsible(act);
  if (given['cloud-init']) return byCloudInit(act);
  if (given.valkey) await preferValkey(act);
  if (given['sudo-rs'] && (await preferClassicSudo(act))) tell('Its sudo was sudo-rs: init said so, and what to do.');
  const seconds = await first(act);
  if (given.valkey) {
    await act.host.sh('pgrep -u tmux-gate valkey-server && ! command -v redis-server');
    tell('All of that with Valkey, without a Redis.');
  }
  if (!given['install-alone']) {
    await expire(act);
    await supervised(act);
    await reloadBySystemd(act);
    await secretByCredential(act);
    await reboot(act);
    await upgradeInUse(act);
    await refuseDowngrade(act);
    if (given['power-cut']) await cutPower(act);
    await removeAndPurge(act);
    await undoneAtBoot(act);
    await installedAgain(act);
  }
  if (given.json)
    process.stdout.write(`${JSON.stringify({ install_commands: installCommands.length, install_seconds: seconds })}\n`);
}

async function main(archive: string): Promise<void> {
  await using ended = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-fresh-host-'));
  ended.defer(() => rmSync(folder, { recursive: true, force: true }));
  const debs = await packages(folder);
  ended.defer(async () => killCgroup(providersCgroup));
  const { issuer } = ended.use(await startProvider(everybody, providersCgroup));
  const people = ended.use(new People());
  const seed = async (root: string): Promise<void> => {
    const server = ended.adopt(await serveFile(debs.deb), (one) => void one.close());
    await seedUserData(root, { people, issuer, deb: debs.deb }, server);
  };
  const host = ended.use(await BootedHost.boot(archive, given['cloud-init'] ? seed : undefined));
  try {
    await story({ host, people, issuer, ...debs });
  } catch (error) {
    const log = await host.outcome('journalctl', '--no-pager', '-u', 'tmux-gate', '-n', '30').catch(() => undefined);
    tell(log?.stdout ?? 'the host is off');
    throw error;
  }
}

try {
  await main(positionals[0] ?? '');
  process.exit(0);
} catch (error) {
  process.stderr.write(`fresh-host: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
