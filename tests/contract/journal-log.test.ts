// The journal as a Merkle log (src/adapters/journal): proofs for outsiders, and what root of the host can do
// with the host's own key, which only checkpoints that somebody else kept can show.
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type AnchorPlace, readAnchor } from '../../src/adapters/journal/anchor.ts';
import {
  hashOf,
  logKeyOf,
  openCheckpoint,
  printVerifierKey,
  readVerifierKey,
} from '../../src/adapters/journal/checkpoints.ts';
import { headReader } from '../../src/adapters/journal/heads.ts';
import { openJournal, type UncheckedJournal } from '../../src/adapters/journal/journal.ts';
import { keptCheckpoint, type KeptVerdict } from '../../src/adapters/journal/kept.ts';
import { openProvableLog, UnprovableError } from '../../src/adapters/journal/proofs.ts';
import { type Verdict, verifyJournal } from '../../src/adapters/journal/verify.ts';
import * as stateFiles from '../../src/adapters/state-file.ts';
import { type Keys, openKeys } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { verifyRecordings } from '../../src/cli/audit-recordings.ts';
import { policyRecords } from '../../src/core/policy-record.ts';
import { leafHash } from '../../src/core/tlog/merkle.ts';
import type { NoteKey } from '../../src/core/tlog/note.ts';
import { readProof } from '../../src/core/tlog/proof.ts';
import { isConsistent, isIncluded } from '../../src/core/tlog/verify.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { castOf, day, journaled } from './recording-records.ts';

let base: string;
let keys: Keys;
let key: NoteKey;
let state: string;
let folder: string;
let count = 0;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tmux-gate-log-'));
  keys = await openKeys({ folder: join(base, 'keys'), host: 'box', peers: {} });
  key = logKeyOf('box', keys.publicKey()!);
});
beforeEach(async () => {
  state = join(base, `state-${(count += 1)}`);
  await mkdir(state);
  folder = join(state, 'journal');
});
afterAll(() => rm(base, { recursive: true, force: true }));

const placeIn = (where: string): AnchorPlace => ({
  files: stateFiles,
  path: join(where, 'anchor.json'),
  acceptedPath: join(where, 'accepted.json'),
});

/** The clock stands still, so that the same records make the same lines. */
const open = (where = state, signer = keys): Promise<UncheckedJournal> =>
  openJournal({
    ...{ folder: join(where, 'journal'), anchor: placeIn(where), host: 'box', now: () => 1, sha256 },
    ...{ signer, readHead: headReader(signer, 'box'), seal: (text: string) => signer.seal(text) },
  });

type Fields = Readonly<Record<string, unknown>>;
const recordings = (): string => join(base, 'recordings');
const recorded = 'AAAA000001';
/** Where the records of a recording are among `ticks`. */
const recordedAt = 230;
const tick = (i: number): Fields => journaled(recorded)[i - recordedAt] ?? { i, reason: `INC-${i}` };

async function written(records: readonly Fields[], where = state, signer = keys): Promise<void> {
  const journal = await open(where, signer);
  expect(journal.changed).toBeUndefined();
  await add(journal, records);
  await journal.close();
}

async function add(journal: UncheckedJournal, records: readonly Fields[]): Promise<void> {
  for (let n = 0; n < records.length; n += 50)
    await Promise.all(
      records.slice(n, n + 50).map(async ({ event = 'tick', ...record }) => journal.write(String(event), record)),
    );
}

const ticks = (many: number, from = 0): readonly Fields[] => Array.from({ length: many }, (_, i) => tick(from + i));
const path = (): string => join(folder, 'journal.jsonl');
const lines = async (): Promise<string[]> => (await readFile(path(), 'latin1')).split('\n').slice(0, -1);
const put = async (all: readonly string[]): Promise<void> => writeFile(path(), all.map((one) => `${one}\n`).join(''));
const checkpoint = async (): Promise<string> => readFile(join(folder, 'checkpoint'), 'utf8');

async function verify(notes: readonly string[] = [], own = keys): Promise<Verdict> {
  const verifyHead = headReader(own, 'box');
  const kept = await Promise.all(notes.map((note, n) => keptCheckpoint(`kept-${n}`, note, key.name, verifyHead)));
  const outside = { anchor: await readAnchor(placeIn(state)), seal: (text: string) => own.seal(text) };
  return verifyJournal({ folder, verifyHead, sha256, outside, kept });
}

test('every record is proved to whoever has the line, the proof and the key', async () => {
  await written(ticks(600));
  const all = await lines();
  const log = await openProvableLog(folder, key);
  const head = openCheckpoint(log.checkpoint, key)!;
  expect(head).toMatchObject({ origin: 'tmux-gate/box', size: all.length });
  for (const n of [1, 2, 255, 256, 257, 512, all.length]) {
    const { index, hashes, checkpoint: signed } = readProof(await log.inclusion(n))!;
    expect([index, signed, await log.line(n)]).toEqual([n - 1, log.checkpoint, all[n - 1]]);
    const leaf = leafHash(hashOf, all[n - 1]!);
    expect(isIncluded(hashOf, head, { index, leaf, proof: hashes })).toBe(true);
    expect(isIncluded(hashOf, head, { index, leaf: leafHash(hashOf, `${all[n - 1]!} `), proof: hashes })).toBe(false);
  }
  for (const [from, to] of [
    [0, 7],
    [7, 256],
    [256, 600],
    [300, all.length],
    [5, 5],
  ] as const) {
    const { earlier, later, proof } = await log.consistency(from, to);
    expect([earlier.size, later.size, isConsistent(hashOf, earlier, later, proof)]).toEqual([from, to, true]);
  }
  for (const n of [0, all.length + 1, 1.5]) await expect(log.inclusion(n)).rejects.toBeInstanceOf(UnprovableError);
  await expect(log.consistency(9, 8)).rejects.toBeInstanceOf(UnprovableError);
  await log.close();
});

test('tiles that are edited or gone give the same proofs; a journal that was edited gives none', async () => {
  await written(ticks(300));
  const proofs = async (): Promise<readonly string[]> => {
    const log = await openProvableLog(folder, key);
    try {
      return [await log.inclusion(3), await log.inclusion(290), (await log.consistency(17)).proof.join('')];
    } finally {
      await log.close();
    }
  };
  const scratch = async (): Promise<readonly string[]> =>
    (await readdir(tmpdir())).filter((name) => name.startsWith('tmux-gate-tiles-'));
  const others = await scratch();
  const right = await proofs();
  const tile = join(folder, 'tile/0/000');
  const bytes = await readFile(tile);
  await writeFile(tile, bytes.with(40, bytes[40]! ^ 1));
  expect(await proofs()).toEqual(right);
  await rm(join(folder, 'tile'), { recursive: true });
  expect(await proofs()).toEqual(right);
  // Other tests have such folders for a moment too.
  const left = (await scratch()).filter((name) => !others.includes(name));
  await eventually('none of them stays', async () => !(await scratch()).some((name) => left.includes(name)));
  await put((await lines()).map((line) => line.replace('"INC-200"', '"INC-999"')));
  await expect(proofs()).rejects.toBeInstanceOf(UnprovableError);
  await expect(openProvableLog(folder, logKeyOf('other', keys.publicKey()!))).rejects.toBeInstanceOf(UnprovableError);
});

test('a record that was edited is named, alone, although the chain behind it was computed anew', async () => {
  await written(ticks(300));
  const all = await lines();
  const at = all.findIndex((line) => line.includes('"INC-77"'));
  let prev = '';
  const edited = all.map((line, n) => {
    const changed = n === at ? line.replace('INC-77', 'INC-78') : line;
    const next = n > at ? changed.replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${prev}"`) : changed;
    prev = sha256(next);
    return next;
  });
  await put(all.with(at, edited[at]!));
  const { ok, faults } = await verify();
  expect({ ok, faults }).toEqual({
    ok: false,
    faults: [{ line: at + 1, problem: 'is not the record that was signed: it was edited or replaced' }],
  });
  await put(edited);
  expect((await verify()).faults[0]).toEqual(faults[0]);
});

test('a keeper signs no edit that was made while none ran', async () => {
  await written(ticks(300));
  const all = await lines();
  await put(all.map((line) => line.replace('"INC-7"', '"INC-8"')));
  const tiles = join(folder, 'tile');
  await cp(tiles, `${tiles}.kept`, { recursive: true });
  await rm(tiles, { recursive: true });
  const signed = await checkpoint();
  const refusing = await open();
  expect(refusing.changed).toBe(`its first ${all.length} records are not the ones that this host signed`);
  await refusing.close();
  expect(await checkpoint()).toBe(signed);
  // With its tiles, the tree goes on over the record as it was, and the edit stays in sight.
  await rm(tiles, { recursive: true });
  await cp(`${tiles}.kept`, tiles, { recursive: true });
  await written(ticks(1));
  expect(await verify()).toMatchObject({ ok: false, faults: [{ line: 9 }] });
});

const between = { ok: false, proved: 153, first: { from: 154, to: 306 } };
const atEnd = { ok: false, proved: 153 };
const fromStart = { ok: false, proved: 0, first: { from: 1, to: 153 } };

/** What root makes of the journal with the host's own key: each passes on the host itself. */
const byRoot: readonly (readonly [string, () => Promise<void>, Partial<KeptVerdict>])[] = [
  ['one record rewritten', async () => again(ticks(300).with(220, { i: 220, reason: 'INC-0' })), between],
  ['one record dropped', async () => again(ticks(301).toSpliced(220, 1)), between],
  ['a recording and all its records dropped', async () => dropRecording(), between],
  ['the last record cut off', async () => again(ticks(299)), atEnd],
  ['the last 100 records cut off', async () => again(ticks(200)), atEnd],
  ['a day rolled back', async () => restore(), atEnd],
  ['a second history begun', async () => again(ticks(400, 5000)), fromStart],
];

async function again(records: readonly Fields[]): Promise<void> {
  await rm(state, { recursive: true });
  await mkdir(state);
  const first = await open();
  await add(first, records.slice(0, 150));
  await first.close();
  await written(records.slice(150));
}

async function dropRecording(): Promise<void> {
  await rm(recordings(), { recursive: true });
  const { length } = journaled(recorded);
  await again(ticks(300 + length).toSpliced(recordedAt, length));
}

async function restore(): Promise<void> {
  await rm(state, { recursive: true });
  await cp(`${state}.old`, state, { recursive: true });
}

test.each(byRoot)(
  'by root with the key: %s: unseen on the host, seen by whoever kept a checkpoint',
  async (_, act, found) => {
    await mkdir(join(recordings(), day), { recursive: true });
    await writeFile(join(recordings(), day, `${recorded}.cast`), castOf(recorded));
    await written(ticks(150));
    await cp(state, `${state}.old`, { recursive: true });
    const kept = [await checkpoint()];
    await written(ticks(150, 150));
    kept.push(await checkpoint());
    const compared = async () => verifyRecordings({ journal: folder, recordings: recordings() });
    expect(await verify(kept)).toMatchObject({ ok: true, kept: { ok: true, proved: 306 } });
    expect(await compared()).toMatchObject({ ok: true, recordings: 1 });
    await act();
    expect(await verify()).toMatchObject({ ok: true, anchor: 'matches', faults: [] });
    expect((await compared()).faults).toEqual([]);
    const verdict = await verify(kept);
    expect(verdict).toMatchObject({ ok: false, kept: found });
    // Any one of them is enough for what came after it.
    expect((await verify(kept.slice(1))).ok).toBe(false);
  },
);

test('by root with another key: what was kept of this host no longer fits its key; what is of another log says nothing', async () => {
  await written(ticks(3));
  const note = await checkpoint();
  const other = await openKeys({ folder: join(state, 'keys'), host: 'box', peers: {} });
  await rm(folder, { recursive: true });
  await rm(join(state, 'anchor.json'));
  await written(ticks(9), state, other);
  expect(await verify([], other)).toMatchObject({ ok: true });
  expect(await verify([note], other)).toMatchObject({ ok: false, kept: { checkpoints: [{ state: 'foreign' }] } });
  const foreign = note.replaceAll('tmux-gate/box', 'tmux-gate/bux');
  expect(await verify([foreign, 'x'], other)).toMatchObject({
    ok: true,
    kept: { ok: true, proved: 0, checkpoints: [{ state: 'other' }, { state: 'other' }] },
  });
});

test('the policy stands in the journal character by character, in records of the usual length', async () => {
  const text = `host: box\n# ${'ü\u202e\t😀'.repeat(9000)}\n`;
  const journal = await open();
  for (const part of policyRecords(text, sha256(text), 'start')) await journal.write('policy', { ...part });
  await journal.close();
  const all = await lines();
  for (const line of all) expect(line.length).toBeLessThanOrEqual(16 * 1024);
  const parts = all.map((line) => JSON.parse(line) as { event: string; text: string; sha256: string });
  const policies = parts.filter(({ event }) => event === 'policy');
  expect(policies.length).toBeGreaterThan(5);
  expect(policies.map((part) => part.text).join('')).toBe(text);
  expect(policies[0]!.sha256).toBe(sha256(text));
});

test('a verifier key is read as it was printed, and in no other spelling', () => {
  const text = printVerifierKey(key);
  expect(text).toMatch(/^tmux-gate\/box\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}$/);
  expect(readVerifierKey(text)).toEqual(key);
  const wrong = [
    text.replace('box', 'bux'),
    `${text} `,
    text.slice(0, -1),
    text.replace(/\+[0-9a-f]{8}/, '+00000000'),
    '',
  ];
  for (const one of wrong) expect(readVerifierKey(one)).toBeUndefined();
});

test('what is no text of a note is not signed', () => {
  expect(() => keys.signNote('eyJ9.eyJ9')).toThrow();
  expect(keys.publicKey('nobody')).toBeUndefined();
});
