// Evidence of one access, checked by verify.sh and by a second verifier in Python: what is example.good is verified by both, and whatever is changed,
// left out, added or taken from elsewhere is found. The verifier trusts nothing in the archive, its own copy in it included.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printProof } from '../../src/core/tlog/proof.ts';
import { accessFiles } from '../../src/evidence/access-files.ts';
import { EvidenceLog, policyText, signer, vkeyOf } from '../harness/evidence-log.ts';
import {
  depsOf,
  Example,
  filesOf,
  hex,
  started,
  unpack,
  verify,
  verifyInPython,
  verifyShortly,
} from './evidence/verifying.ts';

const example = new Example();
const { work, log } = example;
beforeAll(async () => example.make());
afterAll(() => work.close());

test('both verifiers verify what was not changed, and say what it rests on', async () => {
  const tar = await work.archive(example.good);
  const folder = await unpack(work, tar);
  const key = vkeyOf(log.host);
  const [claimed, pinned, second, third] = await Promise.all([
    verify(folder),
    verify(tar, '--key', key, '--witness', vkeyOf(log.witnesses[0] ?? log.host)),
    verifyInPython(folder, key),
    verifyShortly(folder, key),
  ]);
  expect([claimed.code, pinned.code, second.code, third.code]).toEqual([0, 0, 0, 0]);
  expect(claimed.said).toContain("VERIFIED, if the key above is the host's.");
  expect(pinned.said).toContain('VERIFIED. Notes: 0.');
  expect(pinned.said).toMatch(/bob \(bob@example\.com, .*\): approve .*amr pwd,otp, acr gold/);
  expect(pinned.said).toContain('killed: sleep [77]');
  expect(pinned.said).toContain(hex(policyText));
});

test('the second verifier is short enough to be read', () => {
  const folder = join(import.meta.dirname, 'evidence');
  const programs = readdirSync(folder).filter((name) => name.endsWith('.py'));
  for (const name of programs) {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
    expect([name, lines.length > 60, lines.filter((line) => line.length > 120)]).toEqual([name, false, []]);
  }
  expect(programs).toContain('verify.py');
  expect(readFileSync(join(folder, 'verify.py'), 'utf8')).not.toMatch(/\bexec\b|\beval\b|__import__|verify_/);
});

test('nothing of another person is inside', () => {
  for (const [name, content] of example.good)
    if (!/^VERIFY|^verify/.test(name))
      expect([name, /carol|dave|mallory/.test(content.toString('latin1'))]).toEqual([name, false]);
});

test('without a witness it says so, in the check and in the verdict', async () => {
  const alone = new EvidenceLog(work.next('alone'));
  alone.policy().access({ request: 'K7QF2M', start: started });
  const { code, said } = await verify(await work.archive(await filesOf(alone, 'K7QF2M')));
  expect(code).toBe(0);
  expect(said).toContain('no witness');
  expect(said).toContain('if whoever holds that key did not write another history');
});

/** An archive from a log whose records each say the number of the next place. Host and proofs are right. */
async function filesWithMovedRecords(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const moved = new EvidenceLog(folder);
  moved.policy().access({ request: 'K7QF2M', start: started }).flush();
  const path = join(folder, 'journal.jsonl');
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const said = lines.map((line) => line.replace(/^\{"n":(\d+)/, (_, n: string) => `{"n":${String(Number(n) + 1)}`));
  writeFileSync(path, said.map((line) => `${line}\n`).join(''));
  const deps = await depsOf(moved);
  const { view } = deps;
  const shown = said.map((text, place) => ({ text, place })).filter(({ text }) => !text.includes('"event":"refused"'));
  const proofs = shown.map(({ place }) => {
    const proof = { index: place, hashes: view.prove(place), checkpoint: view.checkpoint };
    return [`proofs/${String(place + 2)}.tlog-proof`, Buffer.from(printProof(proof))] as const;
  });
  const files = await accessFiles(deps, 'K7QF2M', { lines: [] });
  const records = Buffer.from(shown.map(({ text }) => `${text}\n`).join(''));
  const of = files.map(({ name, content }) => [name, content as Buffer] as const);
  return new Map([...of, ...proofs, ['records.jsonl', records] as const]);
}

describe('traps', () => {
  test('the last character of base64, which decodes to the same bytes', async () => {
    const other = (text: string): string =>
      text.replace(/([A-Za-z0-9+/])=(?=\s)/, (_, last: string) => {
        const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
        return `${alphabet[alphabet.indexOf(last) ^ 1] ?? ''}=`;
      });
    const proofs = [...example.good.keys()].filter((name) => name.startsWith('proofs/'));
    const name = proofs[0] ?? '';
    expect(other(example.textOf(name))).not.toBe(example.textOf(name));
    await example.refused(example.changed(name, Buffer.from(other(example.textOf(name)), 'latin1')));
    const root = example
      .textOf('checkpoint')
      .split('\n')
      .map((line, at) => (at === 2 ? other(`${line} `).trim() : line))
      .join('\n');
    await example.refused(example.changed('checkpoint', Buffer.from(root, 'latin1')));
    await example.refused(example.signedOtherwise((line) => other(`${line} `).trimEnd()));
  });

  test('a signature that is not good', async () => {
    const bad = (line: string): string =>
      line.replace(/.{20}$/, (end) => end.replace(/^./, (is) => (is === 'A' ? 'B' : 'A')));
    expect(await example.refused(example.signedOtherwise(bad))).toContain("not signed by the host's key");
  });

  test('a record that was edited', async () => {
    const files = example.changed('records.jsonl', example.textOf('records.jsonl').replaceAll('slow', 'fast'));
    expect(await example.refused(files)).toContain('is not in the log as it stands here');
  });

  test('records in another order', async () => {
    const [policy = '', signIn = '', ...rest] = example.records();
    const files = example.changed('records.jsonl', `${[signIn, policy, ...rest].join('\n')}\n`);
    expect(await example.refused(files)).toContain('not in the order of the log');
  });

  test('a NUL that a shell would drop', async () => {
    const [first = '', ...rest] = example.records();
    await example.refused(
      example.changed('records.jsonl', `${[`${first.slice(0, 9)}\0${first.slice(9)}`, ...rest].join('\n')}\n`),
    );
    // Behind a signature, which stays good: in the checkpoint, and in each proof, which ends with it.
    const proofs = [...example.good.keys()].filter((name) => name.startsWith('proofs/'));
    const files = new Map(example.good);
    for (const name of ['checkpoint', ...proofs])
      files.set(name, Buffer.from(example.textOf(name).replace(/\n$/, '\0\n'), 'latin1'));
    await example.refused(files);
  });

  test('a field twice, of which jq shows the last', async () => {
    // Signed by the host itself, so that only the double name is wrong.
    const twice = new EvidenceLog(work.next('twice'));
    twice.policy().access({ request: 'K7QF2M', start: started });
    const path = join(twice.folder, 'journal.jsonl');
    twice.flush();
    writeFileSync(
      path,
      readFileSync(path, 'latin1').replace('"event":"requested"', '"event":"refused","event":"requested"'),
      'latin1',
    );
    expect(await example.refused(await filesOf(twice, 'K7QF2M'))).toContain('a record has a field twice');
  });

  test('a proof for another place: the number of the record is its place in the log', async () => {
    const [first = ''] = [...example.good.keys()].filter((name) => name.startsWith('proofs/'));
    const text = example.textOf(first);
    const index = Number(/index (\d+)/.exec(text)?.[1]);
    for (const other of [String(index + 1), `0${String(index)}`])
      await example.refused(
        example.changed(first, Buffer.from(text.replace(`index ${String(index)}`, `index ${other}`), 'latin1')),
      );
  });

  test('a record that says another number than its place, proved at its place', async () => {
    const files = await filesWithMovedRecords(work.next('moved'));
    expect(await example.refused(files)).toContain('is for another place or checkpoint');
  });

  test('a signature of a key that nobody named', async () => {
    const more = (line: string): string =>
      line.includes('tmux-gate/peer') ? `${line}\n${line.replace('tmux-gate/peer', 'tmux-gate/pear')}` : line;
    expect(await example.refused(example.signedOtherwise(more))).toContain('a signature of an unknown key');
  });

  test('a file that is in no list, and one that is missing', async () => {
    const folder = await unpack(work, await work.archive(example.good));
    writeFileSync(join(folder, 'proofs', 'more'), 'x');
    expect((await verify(folder)).code).toBe(1);
    const hidden = await unpack(work, await work.archive(example.good));
    writeFileSync(join(hidden, '.more'), 'x');
    expect((await verify(hidden)).code).toBe(1);
    const fourth = example.good.get('proofs/4.tlog-proof') ?? '';
    await example.refused(example.changed('proofs/1.tlog-proof', fourth));
    await example.refused(example.without('proofs/4.tlog-proof'));
    await example.refused(example.changed('proofs/99.tlog-proof', fourth));
  });
});

describe('another log', () => {
  test('of the same host, signed by another key, is found with the key that was given', async () => {
    const said = await example.refused(example.good, '--key', vkeyOf(signer('tmux-gate/prod-box')));
    expect(said).toContain('the archive is of another key than the one that you gave');
  });

  test('whose checkpoint is of another key than the archive says', async () => {
    const files = example.changed('keys/host.vkey', `${vkeyOf(signer('tmux-gate/prod-box'))}\n`);
    expect(await example.refused(files)).toContain("not signed by the host's key");
  });

  test('of another host', async () => {
    const about = JSON.parse(example.textOf('evidence.json')) as object;
    expect(
      await example.refused(example.changed('evidence.json', `${JSON.stringify({ ...about, host: 'other' })}\n`)),
    ).toContain('of another host');
  });

  test('that a witness did not sign', async () => {
    const stranger = vkeyOf(signer('tmux-gate/peer', 'cosignature'));
    expect(await example.refused(example.good, '--witness', stranger)).toContain('whose key you gave');
    expect(await example.refused(example.changed('keys/witnesses', `${stranger}\n`))).toContain(
      'no good signature of tmux-gate/peer',
    );
  });
});
