// How long the evidence of a period takes out of a long journal, with a sample, and how long the script takes to verify it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { checkpointName, hashOf, logKeyOf, signCheckpoint } from '../../src/adapters/journal/checkpoints.ts';
import { journalLines, journalName } from '../../src/adapters/journal/read.ts';
import { JournalTiles } from '../../src/adapters/journal/tiles.ts';
import { openKeys, type Keys } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { parsePeriod } from '../../src/core/period.ts';
import { asciiJson } from '../../src/core/text.ts';
import { emptyFrontier, leafHash, rootOf, withLeaf } from '../../src/core/tlog/merkle.ts';
import { noTotals, withEvent } from '../../src/core/totals.ts';
import { seePeriod } from '../../src/evidence/of-host.ts';
import { periodFiles } from '../../src/evidence/period-files.ts';
import { readersIn } from '../../src/evidence/readers.ts';
import { writeArchive } from '../../src/evidence/write-archive.ts';
import type { Figures } from './report.ts';

const host = 'prod-box';
const source = join(import.meta.dirname, '../../src/evidence');
const from = Date.parse('2026-07-01T00:00:00Z');
const quarter = 92 * 86_400_000;
const who = { issuer: 'https://id.example.com', subject: 'sub-alice', login: 'alice', claim: 'alice@example.com' };
const by = { ...who, subject: 'sub-bob', login: 'bob', claim: 'bob@example.com' };
const proof = { issuedAt: from, authenticatedAt: from, amr: ['pwd', 'otp'], acr: 'gold' };
const output = `${JSON.stringify([1, 'o', 'x'.repeat(1000)])}\n`.repeat(20);
const sampling = { count: 25, seed: '4711' };

/** @param accesses of the quarter, of ten records each */
export async function measurePeriod(accesses: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-bench-'));
  try {
    const keys = await openKeys({ folder: join(folder, 'keys'), host, peers: {} });
    await writeJournal(folder, accesses, keys);
    const started = performance.now();
    await make(folder, keys);
    const made = performance.now();
    const said = execFileSync('sh', [join(source, 'verify.sh'), '--seed', sampling.seed, join(folder, 'e.tar')]);
    if (!said.includes(`${accesses} accesses`)) throw new Error('the population is another one');
    return { population_s: (made - started) / 1000, population_verify_s: (performance.now() - made) / 1000 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function make(folder: string, keys: Keys): Promise<void> {
  const period = parsePeriod('2026-Q3');
  if (period === undefined) throw new Error('no period');
  const options = { folder, host, key: logKeyOf(host, keys.publicKey() ?? ''), witnesses: [] };
  const { view, found } = await seePeriod(options, period);
  const work = join(folder, 'work');
  mkdirSync(work);
  const path = join(folder, 'recording');
  const file = { path, ending: '.cast.zst' as const, bytes: statSync(path).size };
  const readers = await readersIn(source);
  const deps = { view, sha256: hashOf, now: period.to, readers, recording: () => Promise.resolve(file) };
  const files = await periodFiles(deps, { period, found, sampling, work, digest: sha256 });
  await writeArchive(join(folder, 'e.tar'), 'evidence-2026-Q3', files);
  await view.close();
}

type Told = readonly (readonly [event: string, fields: object])[];

/** What is journaled of one access. */
function life(n: number, start: number, sealed: object): Told {
  const [request, grant, connection] = ['R', 'G', 'C'].map((kind) => `${kind}${String(n).padStart(9, '0')}`);
  const common = { request, session: 'prod-db', reason: 'INC-1 the disk is full, see the page' };
  const [digest, end] = [sha256(String(request)), start + 1_800_000];
  const [part, chain] = [sha256(output), sha256('0'.repeat(64) + sha256(output))];
  const theirs = { connection, session: 'prod-db', login: 'alice' };
  return [
    ['sign-in', { login: 'alice', identity: who, groups: ['engineers'] }],
    ['requested', { ...common, who, account: 'dba', durationMs: 1_800_000, requestedAt: start, answerBy: end }],
    ['reviewed', { request, digest, verdict: 'approve', by, proof, login: 'alice', rule: 'approvers.groups.0' }],
    [
      'granted',
      { ...common, grant, digest, who, approvers: [by], start, end, proofs: [proof], reviewedOn: [host], rules: [] },
    ],
    [
      'connected',
      { ...theirs, grant, request, identity: who, claimed: { address: '' }, mode: 'type', server: request },
    ],
    ['recording-range', { connection, range: 0, from: 0, to: output.length, sha256: part, chain }],
    ['recording-closed', { ...theirs, ranges: 1, bytes: output.length, chain }],
    ['recording-sealed', { connection, ...sealed }],
    ['disconnected', { ...theirs, grant, identity: who, why: 'expired', lasted: '30m' }],
    ['grant-ended', { grant, request, session: 'prod-db', login: 'alice', end, why: 'expired' }],
  ];
}

/** Between two heads; the first holds a checkpoint of what is before it. */
async function writeJournal(folder: string, accesses: number, keys: Keys): Promise<void> {
  const recording = zstdCompressSync(output);
  writeFileSync(join(folder, 'recording'), recording);
  const digest = createHash('sha256').update(recording).digest('hex');
  const sealed = { file: '', bytes: recording.length, sha256: digest, recipients: [] };
  const policy = { sha256: sha256('host: prod-box'), part: 1, parts: 1, text: 'host: prod-box', why: 'start' };
  const path = join(folder, journalName);
  let [n, waiting, totals] = [0, '', noTotals];
  const add = (at: number, event: string, fields: object): string => {
    n += 1;
    const link = { n, prev: '0'.repeat(64), at: new Date(at).toISOString(), host, event };
    const line = asciiJson({ ...link, ...fields, seal: 'x'.repeat(22) });
    totals = withEvent(totals, event);
    waiting += `${line}\n`;
    if (waiting.length > 1 << 20) flush();
    return line;
  };
  const flush = (): void => {
    appendFileSync(path, waiting);
    waiting = '';
  };
  const tree = withLeaf(hashOf, emptyFrontier, leafHash(hashOf, add(from - 2, 'policy', policy)));
  const first = signCheckpoint(keys, host, { size: tree.size, root: rootOf(hashOf, tree) });
  add(from - 1, 'head', { checkpoint: first.split('\n').slice(0, -1), totals });
  for (let one = 0; one < accesses; one += 1) {
    const start = from + Math.floor((one / accesses) * (quarter - 3_600_000));
    for (const [event, fields] of life(one, start, sealed)) add(start, event, fields);
  }
  add(from + quarter, 'head', { checkpoint: [], totals });
  flush();
  const lines = async function* (): AsyncGenerator<string> {
    for await (const { text } of journalLines(path)) yield text;
  };
  mkdirSync(join(folder, 'tile'), { recursive: true });
  const tiles = await JournalTiles.open({ folder, sha256: hashOf, lines }, n);
  writeFileSync(join(folder, checkpointName), signCheckpoint(keys, host, { size: n, root: tiles.root() }));
}
