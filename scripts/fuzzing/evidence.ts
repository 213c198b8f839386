// Fuzzes the journal: `verify` finds every change and never crashes (docs/design.md, "Journal and recordings").
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { checkpointName } from '../../src/adapters/journal/checkpoints.ts';
import { headReader } from '../../src/adapters/journal/heads.ts';
import { journalName } from '../../src/adapters/journal/read.ts';
import { verifyJournal } from '../../src/adapters/journal/verify.ts';
import { openJournal } from '../../src/adapters/journal/journal.ts';
import { openKeys, type Keys } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { edit, edited, type Edit } from './mutation.ts';
import { bench, local, must, type Bench, type Target } from './target.ts';

const records = 30;

/** A change of a file: edits of bytes, and of whole lines. */
interface Change {
  readonly file: 'journal' | 'head';
  readonly bytes: readonly Edit[];
  readonly lines: readonly {
    readonly kind: 'drop' | 'double' | 'swap' | 'move';
    readonly at: number;
    readonly to: number;
  }[];
}

const place = fc.nat({ max: records + 2 });
const change: fc.Arbitrary<Change> = fc.record({
  file: fc.constantFrom('journal' as const, 'journal' as const, 'journal' as const, 'head' as const),
  bytes: fc.array(edit, { maxLength: 3 }),
  lines: fc.array(
    fc.record({
      kind: fc.constantFrom('drop' as const, 'double' as const, 'swap' as const, 'move' as const),
      at: place,
      to: place,
    }),
    {
      maxLength: 2,
    },
  ),
});

function changed(text: string, { bytes, lines }: Change): string {
  const rows = text.split('\n').slice(0, -1);
  for (const { kind, at, to } of lines) {
    const [row] = rows.slice(at, at + 1);
    if (row === undefined) continue;
    if (kind === 'double') rows.splice(to, 0, row);
    else if (kind === 'swap') rows.splice(at, 1, ...rows.splice(to % rows.length, 1, row));
    else rows.splice(at, 1);
    if (kind === 'move') rows.splice(to, 0, row);
  }
  return edited(rows.map((row) => `${row}\n`).join(''), bytes);
}

/** Writes keys and a journal, as a host has them. */
async function write(folder: string): Promise<Keys> {
  const keys = await openKeys({ folder: join(folder, 'keys'), host: 'prod-box', peers: {} });
  const options = { folder: join(folder, 'journal'), anchor: undefined, host: 'prod-box', now: Date.now, sha256 };
  const seal = (text: string): string => keys.seal(text);
  await using journal = await openJournal({
    ...options,
    seal,
    signer: keys,
    readHead: headReader(keys, 'prod-box'),
  }).then((open) => ({ ...open, write: open.write.bind(open), [Symbol.asyncDispose]: async () => open.close() }));
  for (let n = 0; n < records; n++)
    await journal.write('refused', { login: `login-${n}`, address: '192.0.2.7', code: 'NO_PTY', command: 'attach' });
  return keys;
}

async function evidence(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-fuzz-'));
  const keys = await write(folder);
  const verifyHead = headReader(keys, 'prod-box');
  const at = join(folder, 'journal');
  const paths = { journal: join(at, journalName), head: join(at, checkpointName) };
  const whole = { journal: readFileSync(paths.journal, 'latin1'), head: readFileSync(paths.head, 'latin1') };
  const good = await verifyJournal({ folder: at, verifyHead, sha256 });
  must(good.ok && good.head === 'matches', 'the journal is not whole to begin with');
  const feed = async (input: Change): Promise<void> => {
    const text = input.file === 'journal' ? changed(whole.journal, input) : edited(whole.head, input.bytes);
    const bytes = Buffer.from(text, 'utf8');
    writeFileSync(paths[input.file], bytes);
    const verdict = await verifyJournal({ folder: at, verifyHead, sha256 });
    writeFileSync(paths[input.file], whole[input.file], 'latin1');
    const same = bytes.equals(Buffer.from(whole[input.file], 'latin1'));
    must(
      same === isDeepStrictEqual(verdict, good),
      same ? 'a whole journal was called another' : 'a change was not found',
    );
  };
  return bench({ inputs: change, feed, close: async () => Promise.resolve(rmSync(folder, { recursive: true })) });
}

export const evidenceTarget: Target = local('journal', evidence, 2);
