// The totals in the heads of a journal: right over restarts, a kill in mid-write and an upgrade, and told by `audit verify` where they are not.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { cp, mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointName, hashOf, signCheckpoint } from '../../src/adapters/journal/checkpoints.ts';
import { headReader } from '../../src/adapters/journal/heads.ts';
import { openJournal, type UncheckedJournal } from '../../src/adapters/journal/journal.ts';
import { type Verdict, verifyJournal } from '../../src/adapters/journal/verify.ts';
import { type Keys, openKeys } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { emptyFrontier, leafHash, rootOf, withLeaf } from '../../src/core/tlog/merkle.ts';
import { countedEvents, noTotals, withEvent, type Totals } from '../../src/core/totals.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';

let base: string;
let keys: Keys;
let folder: string;
let count = 0;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tmux-gate-totals-'));
  keys = await openKeys({ folder: join(base, 'keys'), host: 'box', peers: {} });
});
beforeEach(async () => {
  count += 1;
  await mkdir(join(base, String(count)));
  folder = join(base, String(count), 'journal');
});
afterAll(() => rm(base, { recursive: true, force: true }));

const open = (at = folder): Promise<UncheckedJournal> =>
  openJournal({
    ...{ folder: at, anchor: undefined, host: 'box', now: Date.now, sha256 },
    ...{ signer: keys, readHead: headReader(keys, 'box'), seal: (text: string) => keys.seal(text) },
  });
const path = (at = folder): string => join(at, 'journal.jsonl');
const lines = async (at = folder): Promise<string[]> => (await readFile(path(at), 'latin1')).split('\n').slice(0, -1);
const verify = (at = folder): Promise<Verdict> =>
  verifyJournal({ folder: at, verifyHead: headReader(keys, 'box'), sha256 });

/** How many records the checkpoint beside the journal has. */
const signed = async (): Promise<number> =>
  Number((await readFile(join(folder, checkpointName), 'utf8')).split('\n')[1]);

interface HeadRecord {
  readonly event: string;
  readonly totals?: Totals;
}

/** Records of all kinds, those that are not counted among them. */
async function add(journal: UncheckedJournal, many: number): Promise<void> {
  const kinds = [...countedEvents.filter((event) => event !== 'opened'), 'requested', 'disconnected'];
  for (let n = 0; n < many; n += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, many - n) }, async (_, i) =>
        journal.write(kinds[(n + i) % kinds.length] ?? '', { note: 'not "event":"granted" and not head' }),
      ),
    );
}

/** Each head's totals are compared with what stands before it. @returns how many heads have totals */
async function compared(at = folder): Promise<number> {
  let [totals, heads] = [noTotals, 0];
  for (const line of await lines(at)) {
    const record = JSON.parse(line) as HeadRecord;
    if (record.event === 'head' && record.totals !== undefined) {
      expect(record.totals).toEqual(totals);
      heads += 1;
    }
    totals = withEvent(totals, record.event);
  }
  return heads;
}

test('each head has the totals of the records before it, also after a restart and after a kill in mid-write', async () => {
  const journal = await open();
  await add(journal, 230); // the last thirty stand behind the newest head
  // What a kill leaves: the files as they are, with half a line behind the last one that was signed.
  const killed = `${folder}-killed`;
  await eventually('the checkpoint has all records', async () => (await signed()) === (await lines()).length);
  await cp(folder, killed, { recursive: true });
  const whole = await readFile(path(killed));
  await writeFile(path(killed), Buffer.concat([whole, whole.subarray(0, 40)]));
  await journal.close();
  for (const at of [folder, killed]) {
    const next = await open(at);
    await add(next, 130);
    await next.close();
    expect(await compared(at)).toBeGreaterThanOrEqual(3);
    expect(await verify(at)).toMatchObject({ ok: true, faults: [] });
  }
});

test('a head that is asked for has the totals of all before it, and the checkpoint has the head, before it is said', async () => {
  const journal = await open();
  for (let many = 0; many < 2; many += 1) {
    await add(journal, 3);
    await journal.writeHead();
    const all = await lines();
    expect((JSON.parse(all.at(-1) ?? '') as HeadRecord).event).toBe('head');
    expect(await signed()).toBe(all.length);
  }
  expect(await compared()).toBe(2);
  await journal.close();
  await expect(journal.writeHead()).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
  expect(await verify()).toMatchObject({ ok: true, faults: [] });
});

test('a journal whose heads have none gets those of all its records at the next opening', async () => {
  const journal = await open();
  await add(journal, 120);
  await journal.close();
  await rewritten((line) => line.replace(/,"totals":\{[^}]*\}/, ''));
  expect(await compared()).toBe(0);
  expect(await verify()).toMatchObject({ ok: true });
  const next = await open();
  await add(next, 5);
  await next.close();
  expect(await compared()).toBe(1);
  expect(await verify()).toMatchObject({ ok: true, faults: [] });
});

test('totals that are wrong are named by their record, once, although the host itself signed everything anew', async () => {
  const journal = await open();
  await add(journal, 250);
  await journal.close();
  const before = await lines();
  const at = before.findIndex((line) => line.includes('"event":"head"')) + 1;
  let shift = 0;
  await rewritten((line, n) => {
    if (n === at) shift = 1;
    return line.replace(/"totals":\{"granted":(\d+)/, (_, all: string) => `"totals":{"granted":${Number(all) - shift}`);
  });
  expect(await verify()).toEqual({
    ...(await verify()),
    ok: false,
    faults: [{ line: at, problem: 'holds totals that are not those of the records before it' }],
  });
});

/** Root of the host changes lines, and makes chain, seals, checkpoints inside and the tree anew with the host's own keys. */
async function rewritten(change: (line: string, n: number) => string): Promise<void> {
  let [prev, tree] = ['0'.repeat(64), emptyFrontier];
  const signed = (): string => signCheckpoint(keys, 'box', { size: tree.size, root: rootOf(hashOf, tree) });
  const anew = (await lines()).map((line, at) => {
    const body = change(line, at + 1)
      .replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${prev}"`)
      .replace(/"checkpoint":\[[^\]]*\]/, () => `"checkpoint":${JSON.stringify(signed().split('\n').slice(0, -1))}`)
      .replaceAll('\u2014', '\\u2014')
      .replace(/,"seal":"[^"]*"\}$/, '}');
    const made = `${body.slice(0, -1)},"seal":"${keys.seal(body)}"}`;
    prev = sha256(made);
    tree = withLeaf(hashOf, tree, leafHash(hashOf, made));
    return made;
  });
  await writeFile(path(), anew.map((line) => `${line}\n`).join(''));
  await rm(join(folder, 'tile'), { recursive: true });
  await writeFile(join(folder, checkpointName), signed());
}
