// After the end of a connection: its recording is compressed and encrypted on a real host, also by the next keeper; held, released and purged.
// The witness of this host is down all the time: nothing here depends on it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import type { Host } from '../../scripts/sandbox/host.ts';
import { notCosignedYet } from '../../src/core/messages/witness.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, journal, testHost } from '../harness/inside.ts';
import { endIt, letIn, says } from '../harness/visits.ts';

let host: Host;
const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);

/** Of docs/policy.md. */
const witnessKey = 'witness.example.com/w1+4132fd93+BAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';

/** Where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

beforeAll(async () => {
  const witness = [{ url: `http://127.0.0.1:${String(await closedPort())}`, key: witnessKey }];
  host = await testHost({
    prefix: 'tgz',
    config: (config) => ({ ...config, recordings: { encrypt_to: [recipient] }, journal: { witness } }),
  });
});
afterAll(async () => host[Symbol.asyncDispose]());

const events = (name: string, id: string) =>
  journal(host.layout).filter(({ event, connection }) => event === name && connection === id);

/** What Debian's age and zstd make of the file of root's alone. */
function opened(file: string): string {
  const key = `${host.root}/identity`;
  writeFileSync(key, identity, { mode: 0o600 });
  const compressed = execFileSync('age', ['-d', '-i', key, file], { maxBuffer: 1 << 26 });
  return execFileSync('zstd', ['-dcq'], { input: compressed, maxBuffer: 1 << 26 }).toString();
}

/** `replay`, `export` and `find` with the identity of the recipient, with another one, with a file that is not there, and with none. */
async function expectReadWithItsIdentity(id: string): Promise<void> {
  const [key, other] = [`${host.root}/identity`, `${host.root}/other-identity`];
  writeFileSync(other, await generateX25519Identity(), { mode: 0o600 });
  const commands = [
    ['replay', id, '--text'],
    ['export', id, '--cast'],
    ['find', 'customer-42'],
  ] as const;
  const tried = async (...more: readonly string[]): Promise<readonly unknown[]> => {
    const done = await Promise.all(commands.map(async (words) => host.cli([...words, ...more])));
    return done.map(({ code, stdout, stderr }) => [code, stdout.includes('customer-42'), stderr]);
  };
  expect(await tried('--identity', key)).toEqual([
    [0, true, ''],
    [0, true, ''],
    [0, true, expect.any(String)],
  ]);
  const notIts = expect.stringMatching(/identity does not open|does not open with this identity/);
  expect(await tried('--identity', other)).toEqual([
    [77, false, notIts],
    [77, false, notIts],
    [65, false, notIts],
  ]);
  const notThere = expect.stringContaining('cannot be read');
  expect(await tried('--identity', `${key}-of-nobody`)).toEqual([
    [66, false, notThere],
    [66, false, notThere],
    [66, false, notThere],
  ]);
  const encrypted = expect.stringMatching(/encrypted[^]*--identity FILE/);
  expect(await tried()).toEqual([
    [77, false, encrypted],
    [77, false, encrypted],
    [1, false, encrypted],
  ]);
  expect((await host.cli(['export', id, '--html', '--identity', key])).stdout).toContain('<title>');
  const made = `${host.root}/exported`;
  expect(await host.cli(['export', id, '--cast3', '-o', made])).toMatchObject({ code: 77, stdout: '' });
  expect(existsSync(made)).toBe(false);
}

/** Root drops a file of a recording and leaves the journal as it is. */
async function expectDropFound(file: string, id: string): Promise<void> {
  renameSync(file, `${host.root}/dropped`);
  const { code, stdout } = await host.cli(['audit', 'verify']);
  renameSync(`${host.root}/dropped`, file);
  expect({ code, stdout }).toEqual({
    code: 65,
    stdout: expect.stringMatching(new RegExp(`${id}.*is not there, and nobody purged it`)),
  });
}

/** The same on a third machine, which has copies of both folders and the key. */
async function expectDropFoundElsewhere(file: string, id: string): Promise<void> {
  const [state, copy] = [`${host.root}/var/lib/tmux-gate`, `${host.root}/copy`];
  for (const name of ['journal', 'recordings']) cpSync(`${state}/${name}`, `${copy}/${name}`, { recursive: true });
  const key = (await host.cli(['audit', 'key'])).stdout.trim();
  const verified = async (recordings: string): ReturnType<Host['cli']> =>
    host.cli(['audit', 'verify', '--journal', `${copy}/journal`, '--key', key, '--recordings', recordings]);
  expect(await verified(`${copy}/recordings`)).toMatchObject({
    ...{
      code: 0,
      stdout: expect.stringMatching(/^The journal is whole[^]*Recordings: 1 .* all as they were recorded/),
    },
  });
  rmSync(file.replace(state, copy));
  const named = `recording ${id} is not there, and nobody purged it \\(record \\d+; ${copy}/recordings/.*${id}\\)`;
  expect(await verified(`${copy}/recordings`)).toMatchObject({
    ...{ code: 65, stdout: expect.stringMatching(new RegExp(named)) },
  });
  expect(await verified(`${copy}/nowhere`)).toMatchObject({ code: 66, stdout: '' });
  expect(await host.cli(['audit', 'show', '--recordings', copy])).toMatchObject({ code: 64, stdout: '' });
}

test('a recording is encrypted after its end, by the next keeper too; no plain byte stays; held it cannot be purged', async () => {
  const inside = await letIn(host, host.people.alice);
  expect(await says(inside, 'echo customer-$((40 + 2))')).toBe('customer-42');
  const { recording, id, request } = connections(host.layout)[0]!;
  expect((await host.cli(['purge', request, '--reason', 'too early'])).stderr).toContain('[RECORDING_OPEN]');
  await host.keeper.stop();
  await host.keeper.start();
  await endIt(host, inside);
  const sealed = `${recording}.zst.age`;
  await eventually('it is sealed', () => existsSync(sealed) && !existsSync(recording));
  expect(opened(sealed)).toContain('customer-42');
  for (const name of readdirSync(dirname(sealed)))
    expect(readFileSync(`${dirname(sealed)}/${name}`).includes('customer-42')).toBe(false);
  expect(events('recording-sealed', id)).toMatchObject([{ file: sealed, recipients: [recipient] }]);

  await expectReadWithItsIdentity(id);
  await expectDropFound(sealed, id);
  await expectDropFoundElsewhere(sealed, id);

  const held = await host.cli(['hold', request, '--reason', 'LEGAL-7 litigation']);
  expect({ code: held.code, said: held.stdout }).toEqual({
    code: 0,
    said: `${id} is held: neither keep nor purge removes it.\n`,
  });
  const holds = await host.cli(['recordings', '--held', '--json']);
  expect(JSON.parse(holds.stdout)).toMatchObject([
    { id, state: 'encrypted', held: true, hold: { by: 'root', reason: 'LEGAL-7 litigation', at: expect.any(String) } },
  ]);
  expect((await host.cli(['recordings', '--held'])).stdout).toMatch(
    new RegExp(`^${id} .* encrypted .* root +LEGAL-7 litigation$`, 'm'),
  );
  const refused = await host.cli(['purge', id, '--reason', 'a customer asked']);
  expect({ code: refused.code, said: refused.stderr }).toMatchObject({
    code: 77,
    said: expect.stringContaining('[RECORDING_HELD]'),
  });
  expect(existsSync(sealed)).toBe(true);
  expect((await host.cli(['release', id, '--reason', 'LEGAL-7 is over'])).code).toBe(0);
  expect((await host.cli(['recordings', '--held'])).stdout).toBe('No recording is held.\n');
  expect((await host.cli(['purge', id])).stderr).toContain('Give --reason');
  expect((await host.cli(['purge', id, '--reason', 'a customer asked'])).stdout).toBe(
    `${id} is purged. What the journal says of it stays valid.\n`,
  );
  expect(existsSync(sealed)).toBe(false);
  expect(events('recording-purged', id)).toMatchObject([
    { reason: 'a customer asked', sha256: events('recording-sealed', id)[0]?.['sha256'] },
  ]);
  expect((await host.cli(['purge', id, '--reason', 'again'])).stdout).toMatch(
    /was purged on .* because: a customer asked/,
  );
  expect((await host.cli(['audit', 'verify'])).code).toBe(0);
});

test('a witness that is down stops no visit, and status and audit verify say that it has cosigned nothing', async () => {
  const inside = await letIn(host, host.people.alice);
  expect(await says(inside, 'echo $((40 + 2))')).toBe('42');
  const told = async (): Promise<string | undefined> => {
    const { parts } = JSON.parse((await host.cli(['status', '--json'])).stdout) as {
      parts: { name: string; detail: string }[];
    };
    return parts.find(({ name }) => name === 'witness')?.detail;
  };
  const away = 'witness.example.com/w1 has cosigned nothing (it cannot be reached (ECONNREFUSED))';
  await eventually('status names it', async () => (await told()) === away, 10_000).catch(() => undefined);
  expect(await told()).toBe(away);
  const { code, stdout } = await host.cli(['audit', 'verify']);
  expect([code, stdout.split('\n')]).toEqual([0, expect.arrayContaining([notCosignedYet])]);
  await endIt(host, inside);
});
