// How fast a journal is verified, and how long the proof of one record takes out of a long one.
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointName, hashOf, logKeyOf, signCheckpoint } from '../../src/adapters/journal/checkpoints.ts';
import { headReader } from '../../src/adapters/journal/heads.ts';
import { openJournal, type UncheckedJournal } from '../../src/adapters/journal/journal.ts';
import { openProvableLog } from '../../src/adapters/journal/proofs.ts';
import { journalLines, journalName } from '../../src/adapters/journal/read.ts';
import { JournalTiles } from '../../src/adapters/journal/tiles.ts';
import { verifyJournal } from '../../src/adapters/journal/verify.ts';
import { openKeys, type Keys } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import type { EvidenceRounds } from './evidence.ts';
import { p50, p99 } from './numbers.ts';
import type { Figures } from './report.ts';

const host = 'prod-box';
const proofs = 2000;

export async function measureLog({ records, leaves }: EvidenceRounds): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-bench-'));
  try {
    const keys = await openKeys({ folder: join(folder, 'keys'), host, peers: {} });
    return { ...(await verifying(folder, keys, records)), ...(await proving(folder, keys, leaves)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The best of three, since other work of the machine only makes it slower. */
async function verifying(folder: string, keys: Keys, records: number): Promise<Figures> {
  const at = join(folder, 'written');
  await write(at, keys, records);
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const started = performance.now();
    const { ok, records: found } = await verifyJournal({ folder: at, verifyHead: headReader(keys, host), sha256 });
    if (!ok || found < records) throw new Error('the journal does not verify');
    times.push((performance.now() - started) / found);
  }
  return { verify_records_per_s: 1000 / Math.min(...times) };
}

/** Records of some 600 bytes, as grants are. */
async function write(folder: string, keys: Keys, records: number): Promise<void> {
  const seal = (text: string): string => keys.seal(text);
  const options = { folder, host, anchor: undefined, signer: keys, readHead: headReader(keys, host), seal };
  const journal: UncheckedJournal = await openJournal({ ...options, now: Date.now, sha256 });
  const who = { issuer: 'https://id.example.com', subject: 'sub-alice', login: 'alice', claim: 'alice@example.com' };
  const fields = {
    session: 'prod-db',
    who,
    approvers: [who],
    reason: 'INC-1 the disk is full, see the page',
    start: 1,
  };
  for (let n = 0; n < records; n += 250)
    await Promise.all(
      Array.from({ length: 250 }, async (_, i) => journal.write('granted', { grant: `G${n + i}`, ...fields })),
    );
  await journal.close();
}

async function proving(folder: string, keys: Keys, leaves: number): Promise<Figures> {
  const at = join(folder, 'long');
  await grow(at, keys, leaves);
  const log = await openProvableLog(at, logKeyOf(host, keys.publicKey() ?? ''));
  const times: number[] = [];
  let bytes = 0;
  for (let round = 0; round < proofs; round += 1) {
    const n = 1 + Math.floor(Math.random() * leaves);
    const started = performance.now();
    bytes = Math.max(bytes, (await log.inclusion(n)).length);
    times.push(performance.now() - started);
  }
  await log.close();
  return { proof_bytes: bytes, proof_ms: p99(times), proof_p50_ms: p50(times) };
}

/** A log of short lines: what a proof costs depends on how many they are, not on how long. */
async function grow(folder: string, keys: Keys, leaves: number): Promise<void> {
  const lines = async function* (): AsyncGenerator<string> {
    for await (const { text } of journalLines(join(folder, journalName))) yield text;
  };
  mkdirSync(folder);
  const file = createWriteStream(join(folder, journalName));
  for (let n = 1; n <= leaves; n += 10_000) {
    const some = Array.from({ length: Math.min(10_000, leaves - n + 1) }, (_, i) => `{"n":${n + i},"of":"bench"}\n`);
    if (!file.write(some.join(''))) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  const tiles = await JournalTiles.open({ folder, sha256: hashOf, lines }, leaves);
  const head = { size: leaves, root: tiles.root() };
  writeFileSync(join(folder, checkpointName), signCheckpoint(keys, host, head));
}
