// Evidence with a recording that the host sealed to recipients (`encrypt_to`): both verifiers verify the file without any key, and whoever has
// one decrypts it with the tools that VERIFY.md names and has its text compared, too.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { sealRecording } from '../../src/adapters/recordings/seal.ts';
import { castOf, EvidenceLog, vkeyOf } from '../harness/evidence-log.ts';
import { changes, filesOf, flipped, hex, started, verify, verifyInPython, Workplace } from './evidence/verifying.ts';

const work = new Workplace();
const log = new EvidenceLog(work.next('log'));
const identity = await generateX25519Identity();
const [connection, text] = ['CK7QF2M', castOf(90)];
const encrypted = `recordings/${connection}.cast.zst.age`;
const note = `note  recording    ${connection}: as it was sealed, encrypted, ${String(text.length)} bytes.`;
const [good, bad] = [`ok    recording    ${connection}: its ${String(text.length)} bytes are`, 'BAD   recording'];

let files: ReadonlyMap<string, Buffer>;
let folder: string;
/** What whoever has the identity made of the file. */
let plain: Buffer;

beforeAll(async () => {
  log.policy().access({ request: 'K7QF2M', start: started, recording: text, isUnsealed: true }).flush();
  await seal();
  files = await filesOf(log, 'K7QF2M');
  folder = work.summed(files);
  plain = decrypted();
});
afterAll(() => work.close());

/** As the keeper does after the end: the product's own sealing, by what the journal says. */
async function seal(): Promise<void> {
  const day = join(log.recordings, '2026-07-01');
  mkdirSync(day, { recursive: true });
  const base = join(day, connection);
  writeFileSync(`${base}.cast`, text);
  const lines = readFileSync(join(log.folder, 'journal.jsonl'), 'utf8').trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line) as { event: string; to: number; chain: string });
  const cuts = records.filter(({ event }) => event === 'recording-range').map(({ to }) => to);
  const { chain = '' } = records.find(({ event }) => event === 'recording-closed') ?? {};
  const recipients = [await identityToRecipient(identity)];
  const { sha256, bytes } = await sealRecording({ base, cuts, chain, recipients });
  log.add('recording-sealed', { connection, file: `2026-07-01/${connection}.cast.zst.age`, bytes, sha256, recipients });
}

function decrypted(): Buffer {
  const [key, compressed, cast] = ['identity', 'x.cast.zst', 'x.cast'].map((name) => work.next(name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(key, identity, { mode: 0o600 });
  execFileSync('age', ['-d', '-i', key, '-o', compressed, join(folder, encrypted)]);
  execFileSync('zstd', ['-dq', compressed, '-o', cast]);
  return readFileSync(cast);
}

/** A folder with the decrypted recording. */
function withPlain(content: Buffer): string {
  const made = work.next('plain');
  mkdirSync(made);
  writeFileSync(join(made, `${connection}.cast`), content);
  return made;
}

test('both verifiers verify it as it was sealed, without a key, and say that its text is not compared', async () => {
  expect(statSync(join(folder, encrypted)).size).toBeGreaterThan(200);
  expect(files.get(encrypted)?.subarray(0, 21).toString()).toBe('age-encryption.org/v1');
  const key = vkeyOf(log.host);
  const { code, said } = await verify(await work.archive(files), '--key', key);
  expect([code, said.includes(note), said.includes('\nVERIFIED, ') || said]).toEqual([0, true, true]);
  expect(await verifyInPython(folder, key)).toMatchObject({ code: 0 });
  const empty = work.next('plain');
  mkdirSync(empty);
  expect((await verify(folder, '--plain', empty)).said).toContain(note);
});

test('what age and zstd make of it is compared with the digests, wherever the folder is', async () => {
  expect(plain.toString()).toBe(text);
  const made = withPlain(plain);
  for (const where of [made, relative(process.cwd(), made)]) {
    const { code, said } = await verify(folder, '--plain', where);
    expect([code, said.includes(good) || said, said.includes(note)]).toEqual([0, true, false]);
  }
});

test('a byte of its text that was changed, cut or added is found', async () => {
  const others = [...changes(plain), plain.subarray(0, -1), Buffer.concat([plain, Buffer.from('x')])];
  expect(others.length).toBeGreaterThan(6);
  for (const other of others) {
    const { code, said } = await verify(folder, '--plain', withPlain(other));
    expect([code, said.includes(bad) || said, said.includes(good)]).toEqual([1, true, false]);
  }
});

test('a byte of the encrypted file that was changed is found by both, whoever made the list of digests anew', async () => {
  const content = files.get(encrypted) ?? Buffer.of();
  const [head, last] = [content.indexOf('\n---') + 1, content.length - 1];
  for (const at of [0, 30, head, head + 60, Math.floor(last / 2), last]) {
    const changed = work.summed(new Map(files).set(encrypted, flipped(content, at)));
    for (const more of [[], ['--plain', withPlain(plain)]]) {
      const { code, said } = await verify(changed, ...more);
      expect([at, code, said.includes('the file is not the one that was sealed') || said]).toEqual([at, 1, true]);
    }
    expect([at, await verifyInPython(changed)]).toMatchObject([at, { code: 1 }]);
  }
  expect(hex(content)).toBe(hex(readFileSync(join(folder, encrypted))));
});
