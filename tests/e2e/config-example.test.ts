// The policy as deploy/install.sh puts it on a host: in order but for what its admin alone knows, and of that each is named.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../scripts/sandbox/host.ts';
import { place, testHost } from '../harness/inside.ts';

const top = join(import.meta.dirname, '../..');
const tga = place('tga');

let host: Host;
let path: string;

beforeAll(async () => {
  host = await testHost({ prefix: 'tga', keeper: false });
  path = `${host.layout.etc}/config.yaml`;
});
afterAll(async () => host[Symbol.asyncDispose]());

/** `/etc` of the sandbox, and an account that its host may lack. */
function shipped(account: string): string {
  const text = readFileSync(join(top, 'deploy/config.yaml.example'), 'utf8');
  return text.replaceAll('/etc/tmux-gate/', `${host.layout.etc}/`).replace('run_as: dba', `run_as: ${account}`);
}

/** Its mode is that of deploy/install.sh. */
function put(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o600);
}

async function problems(): Promise<readonly string[]> {
  const { code, stdout, stderr } = await host.cli(['policy', 'check']);
  expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
  const [head, ...named] = stderr.trimEnd().split('\n');
  expect(head).toBe(`${path} is refused:`);
  return named;
}

/** Where a key stands in the text. */
const lineOf = (text: string, what: string): number => text.split('\n').findIndex((one) => one.includes(what)) + 1;

test('the installation copies this file, with this mode', () => {
  const script = readFileSync(join(top, 'deploy/install.sh'), 'utf8');
  expect(script).toContain('place deploy/config.yaml.example "$etc/config.yaml" 0600');
});

test('each thing that only the admin has is named, and nothing else; with these alone it is in order', async () => {
  const secrets = ['oidc', 'approve', 'notify', 'mail'].map((name) => `${host.layout.etc}/${name}.secret`);
  const paths = [
    ...['oidc.client_secret_file', 'oidc.approval_client.client_secret_file'],
    ...['notify[0].secret_file', 'notify[1].secret_file'],
  ];
  const text = shipped(`${tga}-none`);
  put(path, text);
  const named = paths.map((at, n) => `  line ${lineOf(text, secrets[n] ?? '')}, ${at}: `);
  const first = await problems();
  expect(first.map((one, n) => one.slice(0, named[n]?.length))).toEqual(named);
  for (const secret of secrets) put(secret, 'known to the admin alone\n');
  expect(await problems()).toEqual([
    `  sessions.prod-db.run_as: There is no account ${tga}-none here; run useradd --create-home ${tga}-none.`,
  ]);
  put(path, shipped(`${tga}-dba`));
  const filled = shipped(`${tga}-dba`)
    .replace('issuer: https://id.example.com/realms/main', 'issuer: https://login.example.org/tenant')
    .replaceAll('client_id: tmux-gate', 'client_id: 5c1e0a')
    .replace('who: [engineers]', 'who: [dbas]')
    .replace('groups: [oncall]', 'groups: [leads]');
  for (const policy of [shipped(`${tga}-dba`), filled]) {
    put(path, policy);
    const checked = await host.cli(['policy', 'check']);
    expect(checked).toMatchObject({ code: 0, stdout: `${path} is in order.\n`, stderr: '' });
  }
  const may = await host.cli(['policy', 'check', '--group', 'dbas', '--session', 'prod-db', '--reason', 'INC-1 look']);
  expect(may).toMatchObject({ code: 0, stdout: expect.stringContaining('rule: sessions.prod-db.who: dbas') });
});
