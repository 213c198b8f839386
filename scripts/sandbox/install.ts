// Installs programs and policy in a sandbox, at the paths of a real installation under the sandbox's root.
import { chmodSync, copyFileSync, cpSync, existsSync, linkSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { makeFolder, writeExact } from './files.ts';
import { type Layout, repo } from './layout.ts';

/** Makes the folders that systemd and deploy/install.sh make on a real host. */
export function makeFolders(layout: Layout): void {
  const { root, lib, etc, run, keys, home, client } = layout;
  const open = ['', '/usr', '/usr/lib', '/etc', '/etc/ssh', '/run', '/var', '/var/lib'].map((path) => root + path);
  for (const path of [...open, lib, etc, run, keys, home]) makeFolder(path, 0o755);
  makeFolder(client, 0o700);
}

/** Installs the Node binary. It has 140 MB, so it is hard-linked if only root can change the original, and else copied. */
function placeNode(to: string): void {
  if (existsSync(to)) return;
  const from = join(repo, 'node_modules/node/bin/node');
  const { uid, mode } = statSync(from);
  try {
    if (uid !== 0 || (mode & 0o022) !== 0) throw new Error('others could change it');
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
    chmodSync(to, 0o755);
  }
}

/** Installs a build. @throws Error when there is none */
export function installBuild(layout: Layout, dist: string): void {
  const usr = join(dist, 'usr');
  if (!existsSync(usr)) throw new Error(`${usr} is missing: build first`);
  cpSync(usr, `${layout.root}/usr`, { recursive: true, filter: (path) => path !== join(usr, 'lib/tmux-gate/node') });
  placeNode(`${layout.lib}/node`);
  for (const program of ['gate', 'keeper', 'tmux-gate']) pointAtNode(`${layout.lib}/${program}`, `${layout.lib}/node`);
}

/** Replaces the path of Node in a program's first line, which is that of a real installation. */
function pointAtNode(program: string, node: string): void {
  const text = readFileSync(program, 'utf8');
  writeExact(program, text.replace('/usr/lib/tmux-gate/node', node), 0o755);
}

/** Installs a shell script in the gate's place, to test what comes before the gate. */
export const installGateScript = (layout: Layout, script: string): void =>
  writeExact(`${layout.lib}/gate`, script, 0o755);

export const writePolicy = (layout: Layout, config: object): void =>
  writeExact(`${layout.etc}/config.yaml`, stringify(config), 0o600);

export function installTmuxConf(layout: Layout): void {
  const shipped = join(repo, 'deploy/tmux.conf');
  if (existsSync(shipped)) copyFileSync(shipped, `${layout.etc}/tmux.conf`);
}

export interface Addresses {
  readonly issuer: string;
  readonly webhook: string;
}

/** The default policy of a sandbox. */
export const defaultConfig = (layout: Layout, { issuer, webhook }: Addresses) => ({
  host: 'prod-box',
  oidc: {
    issuer,
    client_id: 'tmux-gate',
    claims: { login: { claim: 'email', strip_domain: 'example.com' }, groups: 'groups' },
    insecure_http: true,
  },
  redis: 'embedded',
  service_account: layout.serviceAccount,
  sign_in: { lifetime: '8h' },
  request: { answer_within: '30m' },
  sessions: {
    'prod-db': {
      run_as: layout.sessionAccount,
      who: ['engineers'],
      approvers: { groups: ['oncall'], count: 1 },
      window: { default: '30m', max: '1h' },
      reason: { pattern: '^(INC|CHG)-[0-9]+ ', hint: 'ticket and what you will do' },
      at_expiry: 'kill',
      session_grace: '2s',
      record: 'output',
    },
  },
  notify: [{ webhook, format: 'json' }],
});

export type SandboxConfig = ReturnType<typeof defaultConfig>;
