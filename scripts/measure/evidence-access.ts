// How long the evidence of one access takes out of a long journal, and how long the script takes to verify it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { checkpointName, hashOf, logKeyOf, signCheckpoint } from '../../src/adapters/journal/checkpoints.ts';
import { journalLines, journalName } from '../../src/adapters/journal/read.ts';
import { JournalTiles } from '../../src/adapters/journal/tiles.ts';
import { openKeys } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { accessFiles } from '../../src/evidence/access-files.ts';
import { seeAccess } from '../../src/evidence/of-host.ts';
import { readersIn } from '../../src/evidence/readers.ts';
import { writeArchive } from '../../src/evidence/write-archive.ts';
import { p50 } from './numbers.ts';
import type { Figures } from './report.ts';

const host = 'prod-box';
const source = join(import.meta.dirname, '../../src/evidence');
const [request, grant, connection] = ['K7QF2M', 'BENCHGRANT', 'BENCHCONN0'];
const who = { issuer: 'https://id.example.com', subject: 'sub-alice', login: 'alice', claim: 'alice@example.com' };
const by = { ...who, subject: 'sub-bob', login: 'bob', claim: 'bob@example.com' };
const times = { start: Date.parse('2026-07-01T10:00:00Z'), end: Date.parse('2026-07-01T11:00:00Z') };
/** Of an hour: one a minute. */
const ranges = 60;

export async function measureAccess(records: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-bench-'));
  try {
    const keys = await openKeys({ folder: join(folder, 'keys'), host, peers: {} });
    const recording = writeRecording(folder);
    const root = await writeJournal(folder, records, recording.facts);
    writeFileSync(join(folder, checkpointName), signCheckpoint(keys, host, root));
    const key = logKeyOf(host, keys.publicKey() ?? '');
    const made: number[] = [];
    for (let round = 0; round < 5; round += 1) made.push(await makeOnce(folder, key, recording.path, round));
    const started = performance.now();
    execFileSync('sh', [join(source, 'verify.sh'), join(folder, '0.tar')]);
    return { evidence_ms: p50(made), evidence_verify_ms: performance.now() - started };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function makeOnce(
  folder: string,
  key: Parameters<typeof seeAccess>[0]['key'],
  path: string,
  round: number,
): Promise<number> {
  const started = performance.now();
  const { view, access } = await seeAccess({ folder, host, key, witnesses: [] }, request);
  if (access === undefined) throw new Error('the access was not found');
  const file = { path, ending: '.cast.zst' as const, bytes: statSync(path).size };
  const readers = await readersIn(source);
  const deps = { view, sha256: hashOf, now: times.end, readers, recording: () => Promise.resolve(file) };
  await writeArchive(join(folder, `${round}.tar`), `evidence-${request}`, await accessFiles(deps, request, access));
  await view.close();
  return performance.now() - started;
}

interface Recorded {
  readonly path: string;
  readonly facts: readonly (readonly [string, object])[];
}

/** An hour of output, 100 kB a minute. */
function writeRecording(folder: string): Recorded {
  const path = join(folder, `${connection}.cast.zst`);
  const minute = `${JSON.stringify([1, 'o', 'x'.repeat(1000)])}\n`.repeat(100);
  const digest = sha256(minute);
  let chain = '0'.repeat(64);
  const told = Array.from({ length: ranges }, (_, range) => {
    chain = sha256(chain + digest);
    const [from, to] = [range * minute.length, (range + 1) * minute.length];
    return ['recording-range', { connection, range, from, to, sha256: digest, chain }] as const;
  });
  const sealed = zstdCompressSync(minute.repeat(ranges));
  writeFileSync(path, sealed);
  const bytes = ranges * minute.length;
  const hash = createHash('sha256').update(sealed).digest('hex');
  const closed = [
    'recording-closed',
    { connection, session: 'prod-db', login: 'alice', ranges, bytes, chain },
  ] as const;
  return { path, facts: [...told, closed, ['recording-sealed', { connection, sha256: hash, bytes: sealed.length }]] };
}

/** The access in the middle of grants of other people. */
async function writeJournal(
  folder: string,
  records: number,
  recorded: Recorded['facts'],
): Promise<{ size: number; root: string }> {
  const digest = sha256(request);
  const proof = { issuedAt: times.start, amr: ['otp'] };
  const common = { request, session: 'prod-db', reason: 'INC-1 the disk is full, see the page' };
  const facts: Recorded['facts'] = [
    ['policy', { sha256: sha256('host: prod-box'), part: 1, parts: 1, text: 'host: prod-box', why: 'start' }],
    ['requested', { ...common, who, account: 'dba' }],
    ['reviewed', { ...common, digest, verdict: 'approve', by, proof, login: 'alice' }],
    ['granted', { ...common, grant, digest, who, approvers: [by], ...times, proofs: [proof], reviewedOn: [host] }],
    [
      'connected',
      { ...common, connection, grant, login: 'alice', identity: who, claimed: { address: '' }, mode: 'type' },
    ],
    ...recorded,
    ['disconnected', { connection, grant, login: 'alice', identity: who, why: 'expired' }],
    ['grant-ended', { grant, request, login: 'alice', end: times.end, why: 'expired' }],
  ];
  const path = join(folder, journalName);
  const prev = '0'.repeat(64);
  const at = new Date(times.start).toISOString();
  let [n, waiting] = [0, ''];
  const add = (event: string, fields: object): void => {
    n += 1;
    waiting += `${JSON.stringify({ n, prev, at, host, event, ...fields })}\n`;
    if (waiting.length < 1 << 20 && n < records) return;
    appendFileSync(path, waiting);
    waiting = '';
  };
  const others = (end: number): void => {
    while (n < end)
      add('granted', { ...common, request: 'OTHERS', grant: `G${n}`, who: by, approvers: [who], ...times });
  };
  others(records / 2);
  for (const [event, fields] of facts) add(event, fields);
  others(records);
  const lines = async function* (): AsyncGenerator<string> {
    for await (const { text } of journalLines(path)) yield text;
  };
  mkdirSync(join(folder, 'tile'), { recursive: true });
  const tiles = await JournalTiles.open({ folder, sha256: hashOf, lines }, n);
  return { size: n, root: tiles.root() };
}
