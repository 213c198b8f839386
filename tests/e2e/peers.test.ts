// `tmux-gate peers`: which other hosts a host trusts, by a fingerprint that somebody compared or by a list that somebody signed.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprintOf } from '../../src/adapters/keys-files.ts';
import { place } from '../harness/inside.ts';
import { setUpHost, type SetUpHost } from '../harness/set-up-host.ts';

let on: SetUpHost;
const policy = `# mine
host: prod-box
oidc: { issuer: 'https://id.example.com', client_id: tmux-gate, claims: { login: { claim: sub }, groups: groups } }
redis: embedded
sessions:
  prod-db: { run_as: dba, who: [engineers], window: { max: 2h, default: 30m }, approvers: { groups: [oncall], count: 1 } }
# the end
`;

beforeAll(async () => {
  on = await setUpHost(`tmux-gate-${place('xxp')}`);
  mkdirSync(join(on.host.root, 'etc/tmux-gate'), { mode: 0o755 });
  writeFileSync(join(on.host.root, 'etc/tmux-gate/config.yaml'), policy, { mode: 0o600 });
});
afterAll(async () => on[Symbol.asyncDispose]());

const etc = (path: string): string => readFileSync(join(on.host.root, 'etc', path), 'utf8');

test('peers add trusts a host whose fingerprint was compared, and no other; remove ends that', async () => {
  // A fingerprint may begin with a dash.
  const [shown, given] = [peerKey('-'), peerKey('')];
  for (const [name, { jwk }] of [
    ['one', shown],
    ['two', given],
  ] as const)
    writeFileSync(join(on.host.root, `root/keys/${name}`), jwk);
  const add = async (...more: readonly string[]) =>
    on.gate('peers', 'add', 'web-07', '--key', '/root/keys/one', ...more);
  expect(await add()).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('Nobody has compared the fingerprints'),
  });
  expect((await add('--fingerprint', given.fingerprint)).stderr).toContain('are not those given');
  expect(etc('tmux-gate/config.yaml')).not.toContain('web-07');
  const dry = await add('--dry-run');
  expect([dry.code, dry.stdout]).toEqual([1, expect.stringContaining('+  web-07: /etc/tmux-gate/peers/web-07.jwk')]);
  const added = await add('--fingerprint', shown.fingerprint);
  expect([added.code, added.stderr]).toEqual([0, expect.stringContaining('This host trusts what web-07 signs.')]);
  expect(await on.host.must('stat', '-c', '%U %a', '/etc/tmux-gate/peers/web-07.jwk')).toBe('root 644\n');
  expect((await add('--fingerprint', shown.fingerprint)).stderr).toContain('Nothing to change');
  // The genuine keys are public: whoever hands them over can add one of their own.
  const mixed = {
    keys: [shown.jwk, given.jwk].map((jwk, at) => ({
      ...(JSON.parse(jwk) as object),
      use: at === 0 ? 'tmux-gate-journal' : 'sig',
    })),
  };
  writeFileSync(join(on.host.root, 'root/keys/mixed'), JSON.stringify(mixed));
  const both = ['--key', '/root/keys/mixed', '--fingerprint'];
  expect((await on.gate('peers', 'add', 'web-07', ...both, shown.fingerprint)).stderr).toContain('[PEER_FINGERPRINT]');
  const other = ['--key', '/root/keys/two', '--fingerprint', given.fingerprint];
  expect((await on.gate('peers', 'add', 'web-07', ...other)).stderr).toContain('[PEER_CHANGED]');
  expect(await on.gate('peers', 'add', 'web-07', ...other, '--replace')).toMatchObject({ code: 0 });
  const listed = JSON.parse((await on.gate('peers', 'list', '--json')).stdout) as readonly Record<string, unknown>[];
  expect(listed.map(({ host, own, keys }) => [host, own, keys])).toEqual([
    [expect.any(String), true, undefined], // its keeper has not run yet, and made no keys
    ['web-07', false, { journal: given.fingerprint, signing: [{ fingerprint: given.fingerprint }] }],
  ]);
  const [us] = listed;
  expect((await on.gate('peers', 'add', String(us?.['host']), ...other)).stderr).toContain('[PEER_HOST]');
  expect((await on.gate('peers', 'add', 'web-08', '--key', '/etc/passwd')).stderr).toContain('[PEER_KEY]');
  expect(await on.gate('peers', 'remove', 'web-07')).toMatchObject({ code: 0 });
  expect(etc('tmux-gate/config.yaml')).not.toContain('web-07');
  expect((await on.gate('peers', 'remove', 'web-07')).stderr).toContain('[NO_SUCH_PEER]');
  expect((await on.gate('peers', 'list')).stderr).toContain('No other host is trusted');
});

test('peers sync takes the hosts of a signed list, and of no other', async () => {
  const [one, two] = [peerKey(''), peerKey('')];
  const inside = (name: string): string => join(on.host.root, `root/${name}`);
  for (const name of ['ops', 'mallory'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', inside(name), '-C', name]);
  const signed = (hosts: Record<string, string>, serial: number, by = 'ops', space = 'tmux-gate-inventory'): void => {
    const said = Object.fromEntries(Object.entries(hosts).map(([host, jwk]) => [host, JSON.parse(jwk) as unknown]));
    writeFileSync(inside('fleet.json'), JSON.stringify({ serial, hosts: said }));
    rmSync(inside('fleet.json.sig'), { force: true });
    execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', inside(by), '-n', space, inside('fleet.json')]);
  };
  const sync = async (...more: readonly string[]) => on.gate('peers', 'sync', '/root/fleet.json', ...more);
  signed({ 'web-01': one.jwk, 'web-02': two.jwk }, 7);
  expect((await sync()).stderr).toContain('[INVENTORY_SIGNERS]');
  const signers = join(on.host.root, 'etc/tmux-gate/inventory-signers');
  writeFileSync(signers, `ops namespaces="tmux-gate-inventory" ${readFileSync(inside('ops.pub'), 'utf8')}`, {
    mode: 0o644,
  });
  const taken = await sync();
  expect([taken.code, taken.stderr]).toEqual([0, expect.stringContaining('Inventory 7 is taken: 2 hosts.')]);
  expect(etc('tmux-gate/config.yaml')).toMatch(/web-01: .*web-01\.jwk[^]*web-02: .*web-02\.jwk/);
  expect(await sync()).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing to change') });
  signed({ 'web-01': two.jwk }, 7);
  expect((await sync()).stderr).toContain('[INVENTORY_OLD]');
  signed({ 'web-01': two.jwk }, 6);
  expect((await sync()).stderr).toContain('[INVENTORY_OLD]');
  signed({ 'web-01': two.jwk }, 8, 'mallory');
  expect((await sync()).stderr).toContain('[INVENTORY_SIGNATURE]');
  signed({ 'web-01': two.jwk }, 8, 'ops', 'git');
  expect((await sync()).stderr).toContain('[INVENTORY_SIGNATURE]');
  signed({ 'web-01': two.jwk }, 8);
  writeFileSync(inside('fleet.json'), readFileSync(inside('fleet.json'), 'utf8').replace('web-01', 'web-03'));
  expect((await sync()).stderr).toContain('[INVENTORY_SIGNATURE]');
  signed({ 'web-01': two.jwk }, 8);
  expect((await sync()).stderr).toContain('Still trusted, though the inventory does not name them: web-02.');
  const listed = JSON.parse((await on.gate('peers', 'list', '--json')).stdout) as readonly Record<string, unknown>[];
  expect(listed.find(({ host }) => host === 'web-01')?.['keys']).toMatchObject({ journal: two.fingerprint });
  expect((await sync('--prune')).code).toBe(0);
  expect(etc('tmux-gate/config.yaml')).not.toContain('web-02');
  writeFileSync(inside('fleet.json'), '{}');
  execFileSync(
    'ssh-keygen',
    ['-q', '-Y', 'sign', '-f', inside('ops'), '-n', 'tmux-gate-inventory', inside('fleet.json')],
    {
      input: 'y\n',
    },
  );
  expect((await sync()).stderr).toContain('[INVENTORY]');
  expect((await on.gate('peers', 'sync', '/root/none.json')).stderr).toContain('[INVENTORY]');
  expect(await on.gate('peers', 'remove', 'web-01')).toMatchObject({ code: 0 });
});

/** The public key of a host, as its file has it. */
function peerKey(begins: string): { readonly jwk: string; readonly fingerprint: string } {
  let { publicKey } = generateKeyPairSync('ed25519');
  while (!fingerprintOf(publicKey).startsWith(begins)) ({ publicKey } = generateKeyPairSync('ed25519'));
  return { jwk: `${JSON.stringify(publicKey.export({ format: 'jwk' }))}\n`, fingerprint: fingerprintOf(publicKey) };
}
