// deploy/cloud-init/user-data.yaml on a host that boots for the first time, with what its head asks to be changed: host, answers, and the
// package's address and digest. The package comes by HTTP from this machine.
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { repo } from '../sandbox/layout.ts';
import { answers, expect, nobodyLeft, tell, type Act } from './act.ts';
import type { People } from './people.ts';

/** Where cloud-init's data source NoCloud looks on the disk. */
const seed = 'var/lib/cloud/seed/nocloud';

/** Serves one file at every address. */
export async function serveFile(path: string): Promise<Server> {
  const server = createServer((_, response) => createReadStream(path).pipe(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** What an admin would change in the file. @throws Error when one of it is not in it */
async function userData(
  { people, issuer, deb }: Pick<Act, 'issuer' | 'deb'> & { readonly people: People },
  port: number,
): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(deb)).digest('hex');
  const changes: readonly (readonly [string, string])[] = [
    ['issuer: https://id.example.com', `issuer: ${issuer}\n        insecure_http: true`],
    ["'github:alice'", `'${(await people.key('alice')).trim()}'`],
    ["'github:bob'", `'${(await people.key('bob')).trim()}'`],
    ['https://packages.example.com/tmux-gate_0.1.0_amd64.deb', `http://127.0.0.1:${port}/${basename(deb)}`],
    ['0'.repeat(64), digest],
    ['package_update: true', 'package_update: false'], // this host has no network
  ];
  let text = readFileSync(join(repo, 'deploy/cloud-init/user-data.yaml'), 'utf8');
  for (const [from, to] of changes) {
    expect(`it has ${from}`, text.includes(from), text);
    text = text.replace(from, () => to);
  }
  return text;
}

/** Puts the user data on the disk, before the host boots. @param root its root file system */
export async function seedUserData(root: string, act: Parameters<typeof userData>[0], server: Server): Promise<void> {
  mkdirSync(join(root, seed), { recursive: true });
  writeFileSync(join(root, seed, 'meta-data'), 'instance-id: first\nlocal-hostname: prod-box\n');
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(root, seed, 'user-data'), await userData(act, port), { mode: 0o600 });
  // en_US, the default of cloud-init, is not among the locales of this host.
  writeFileSync(join(root, 'etc/cloud/cloud.cfg.d/99-seed.cfg'), 'datasource_list: [NoCloud]\nlocale: C.UTF-8\n');
}

/** From the first boot on nobody types anything but alice and bob. @throws Error when something does not hold */
export async function byCloudInit({ host, people }: Act): Promise<void> {
  const status = await host.outcome('cloud-init', 'status', '--wait', '--long');
  const log = await host.outcome('tail', '-n', '60', '/var/log/cloud-init-output.log');
  expect('cloud-init is done', status.code === 0, `${status.stdout}${log.stdout}`);
  await host.until(answers);
  const { terminal, request } = await people.attach();
  await host.sh(`tmux-gate revoke ${request}`, /confirmed/);
  await terminal.ended();
  await host.until(nobodyLeft);
  await host.sh('tmux-gate audit verify', /whole/);
  tell(
    'cloud-init: at the end of the first boot alice is attached, approved by bob, and nobody has typed anything on the host.',
  );
}
