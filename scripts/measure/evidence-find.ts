// How fast recordings are indexed for `find`, how large the index is beside them, and how long an answer takes out of many hours.
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { CastEvent } from '../../src/core/recording/cast.ts';
import { DocumentMaker } from '../../src/recordings/search/documents.ts';
import { SearchIndex } from '../../src/recordings/search/search-index.ts';
import { textsIn } from '../../src/recordings/search/texts.ts';
import type { Host } from '../sandbox/host.ts';
import type { EvidenceRounds } from './evidence.ts';
import { p50 } from './numbers.ts';
import type { Figures } from './report.ts';

const screen = { width: 120, height: 40, env: {} };
/** Of a recording of an hour. */
const rowsEach = 8_000;
const asked = ['needle-77', 'DROP TABLE w1234', '/w12[0-9]+ failed w4/', 'w999 w1'] as const;

export async function measureFind(host: Host, { hours }: EvidenceRounds): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-bench-'));
  try {
    return { ...(await indexing(join(folder, 'one.db'))), ...(await answering(host, hours)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A text that is not like the one before, of words as in logs. */
function rowAt(n: number): string {
  const word = (seed: number): string => `w${(seed * 2_654_435_761) % 9_973}`;
  return `${String(n).padStart(6, '0')} ${word(n)} ${n % 7 === 0 ? 'failed' : 'done'} ${word(n * 3 + 1)} ${word(n * 5 + 2)}=${n * 17}`;
}

/** What tmux prints for such rows: it scrolls its pane and writes the last row, and now and then the status line. */
function* eventsOf(rows: number): Generator<CastEvent> {
  yield { at: 0, code: 'o', data: '\u001b[?1049h\u001b[1;39r' };
  for (let n = 0; n < rows; n++) {
    const status = n % 20 === 0 ? `\u001b[40;1H\u001b[7m[prod-db] 0:bash* ${n}\u001b[m` : '';
    yield { at: n * 0.45, code: 'o', data: `\u001b[S\u001b[39;1H\u001b[32m${rowAt(n)}\u001b[m\u001b[K${status}` };
  }
}

async function* events(lines: readonly string[]): AsyncGenerator<CastEvent> {
  await turn();
  for (const line of lines) {
    const [at, code, data] = JSON.parse(line) as [number, string, string];
    yield { at, code, data };
  }
}

/** By the time of the processor: other work of the machine does not count. */
async function indexing(path: string): Promise<Figures> {
  const lines = Array.from(eventsOf(rowsEach * 10), ({ at, code, data }) => JSON.stringify([at, code, data]));
  const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
  const index = SearchIndex.open(path);
  const before = process.cpuUsage();
  await index.whole(async () => {
    const number = index.addRecording('BENCH', 0);
    const maker = new DocumentMaker(false, (document) => index.addDocument(number, document));
    const source = { header: screen, events: () => events(lines) };
    for await (const texts of textsIn(source)) for (const text of texts) maker.add(text);
    maker.end();
  });
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  index[Symbol.dispose]();
  return {
    index_mb_per_s: bytes / 1e6 / seconds,
    index_times_real: (rowsEach * 10 * 0.45) / seconds,
    index_share: statSync(path).size / bytes,
  };
}

/** The recordings and the index of so many hours, where a host has its own. */
async function fillHours({ root }: Host, hours: number): Promise<void> {
  const state = join(root, 'var/lib/tmux-gate');
  const day = join(state, 'recordings/2026-11-28');
  mkdirSync(day, { recursive: true });
  using index = SearchIndex.open(join(state, 'search/index.db'));
  for (let hour = 0; hour < hours; hour++)
    await index.whole(async () => {
      await turn();
      const number = index.addRecording(`HOUR${hour}`, hour * 3600);
      writeFileSync(join(day, `HOUR${hour}.cast.zst`), '');
      const maker = new DocumentMaker(false, (document) => index.addDocument(number, document));
      for (let n = 0; n < rowsEach; n++) maker.add({ at: n * 0.45, text: rowAt(hour * rowsEach + n) });
      if (hour % 100 === 77) maker.add({ at: 3600, text: `needle-77 DROP TABLE w1234 ${hour}` });
      maker.end();
    });
}

/** How long the command takes out of so many hours, from its start to its end, up to as many hits as it shows. */
async function answering(host: Host, hours: number): Promise<Figures> {
  await fillHours(host, hours);
  await ask(host, 'what is not there'); // adds what the bench itself has recorded until now
  const times: number[] = [];
  for (const typed of asked) times.push(await ask(host, typed));
  rmSync(join(host.root, 'var/lib/tmux-gate/recordings/2026-11-28'), { recursive: true });
  return { find_ms: Math.max(...times), find_p50_ms: p50(times), find_hours: hours };
}

async function ask(host: Host, typed: string): Promise<number> {
  const started = performance.now();
  const { code, stderr } = await host.cli(['find', typed]);
  const took = performance.now() - started;
  if (code !== 0 && code !== 1) throw new Error(`find ${typed}: ${stderr}`);
  return took;
}
