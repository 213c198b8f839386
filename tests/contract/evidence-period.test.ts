// Evidence of a period, made of a journal that the product's writer wrote, and checked by verify.sh and by a second verifier in Python: which
// accesses there were, that none is left out, what is an exception, and a sample that the auditor draws as well.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { NoTotals } from '../../src/evidence/find-period.ts';
import { PeriodJournal } from '../harness/period-journal.ts';
import { Quarter, seed } from './evidence/period.ts';
import { flipped, hex, verify } from './evidence/verifying.ts';

const quarter = new Quarter();
const { work } = quarter;
/** Without a sample: what most attacks need, and faster. */
let plain: ReadonlyMap<string, Buffer>;

beforeAll(async () => {
  await quarter.make();
  plain = await quarter.filesOf('2026-Q3');
});
afterAll(() => work.close());

const rows = (files: ReadonlyMap<string, Buffer>, table = 'population.csv'): readonly string[] =>
  (files.get(table)?.toString() ?? '').split('\n').slice(1, -1);
const ids = (files: ReadonlyMap<string, Buffer>): readonly string[] =>
  rows(files).map((row) => row.split(',')[2] ?? '');
const drawnIn = (files: ReadonlyMap<string, Buffer>): readonly string[] =>
  [...files.keys()].filter((name) => name.startsWith('samples/')).map((name) => name.slice(8, -4));

test('both verifiers verify what was not changed, with the key and the seed that the auditor named', async () => {
  const [script, second] = await quarter.both(quarter.good, '--key', quarter.key, '--seed', seed);
  expect([script.code, second.code, second.said]).toEqual([0, 0, 'VERIFIED\n']);
  for (const said of ['29 accesses', '7 exceptions', 'draws 2 of 29', '1 break-glass-unreviewed', '2 break-glass\n'])
    expect(script.said).toContain(said);
  expect(script.said).toMatch(/\nVERIFIED, and if whoever holds that key/);
  expect(ids(quarter.good)).toHaveLength(29);
});

test('accesses before and after the period are in no table, and nobody else is in the records beside them', () => {
  expect(quarter.textOf('population.csv')).not.toMatch(/GJNE|GQCT/);
  expect(quarter.textOf('records.jsonl')).not.toMatch(/mallory|GJNE/);
});

test('the exceptions are apart, each by its kind', () => {
  expect(rows(quarter.good, 'exceptions.csv').map((row) => row.split(',').slice(2).join(' '))).toEqual([
    'break-glass GQ3BG22 alice prod-db INC-1042 look at the slow queries',
    'break-glass GQ3BG33 alice prod-db INC-1042 look at the slow queries',
    'break-glass-unreviewed GQ3BG33 alice prod-db Q3BG33',
    'auto-approved GQ3AUT2 alice prod-db tickets',
    'no-recording CQ3NREC alice prod-db GQ3NREC',
    'witness-away    tmux-gate/peer',
    'witness-back    tmux-gate/peer',
  ]);
  expect(quarter.textOf('population.csv')).toContain(`"'=HYPERLINK(""x""), ""Zoë"" ; '-1"`);
});

test('the same seed draws the same, another draws others, and so does an auditor with sha256sum', async () => {
  const drawn = async (named: string): Promise<readonly string[]> =>
    drawnIn(await quarter.filesOf('2026-Q3', { count: 2, seed: named }));
  const [again, others] = [await drawn(seed), await drawn('Q3-audit')];
  expect(again).toEqual(drawnIn(quarter.good));
  expect(isDeepStrictEqual(again, others)).toBe(false);
  const byHand = execFileSync(
    'sh',
    ['-c', 'while read -r id; do echo "$(printf %s:%s "$0" "$id" | sha256sum) $id"; done | sort | head -n 2', seed],
    { input: `${ids(quarter.good).join('\n')}\n`, encoding: 'utf8' },
  );
  expect(byHand.match(/\S+$/gm)?.sort()).toEqual([...again].sort());
});

test('a period that is not over goes to the end of the log, and says so; a month and days are periods too', async () => {
  const year = await quarter.both(await quarter.filesOf('2026-10-01..2026-12-31'));
  expect(year.map(({ code }) => code)).toEqual([0, 0]);
  expect(year[0].said).toContain('the log ends before the period does');
  expect(year[0].said).toContain('1 accesses');
  const first = await quarter.both(await quarter.filesOf('2026-06'));
  expect(first.map(({ code }) => code)).toEqual([0, 0]);
  expect(first[0].said).toContain('it begins with the first record of the log');
});

test('a journal of which no head has totals proves nothing', async () => {
  const empty = await PeriodJournal.make(work.next('empty'));
  await empty.part('2026-07-01', '2026-07-02', () => undefined);
  await expect(quarter.filesOf('2026-Q3', undefined, empty)).resolves.toBeDefined();
  empty.forgetTotals();
  await expect(quarter.filesOf('2026-Q3', undefined, empty)).rejects.toThrow(NoTotals);
});

describe('an access left out', () => {
  const id = 'GQ3A15';
  const without = (files: ReadonlyMap<string, Buffer>): Map<string, Buffer> => {
    const table = rows(files).filter((row) => !row.includes(id));
    const head = files.get('population.csv')?.toString().split('\n')[0] ?? '';
    return new Map(files).set('population.csv', Buffer.from(`${[head, ...table].join('\n')}\n`));
  };

  test('by dropping its record: what is shown does not lead to the root', async () => {
    const line = quarter.lineWith(id, 'granted');
    const records = (plain.get('records.jsonl')?.toString() ?? '').replace(`${line}\n`, '');
    expect(await quarter.refused(without(new Map(plain).set('records.jsonl', Buffer.from(records))))).toContain(
      'do not lead to the root',
    );
  });

  test('by handing on its records as hashes, which lead to the root: the totals count it', async () => {
    const lines = ['granted', 'connected', 'grant-ended'].map((event) => quarter.lineWith(id, event));
    const hidden = lines.reduce((files, line) => quarter.hiding(line, files), without(plain));
    const said = await quarter.refused(hidden);
    expect(said).toContain('granted: 27 are here, and the host counted 28');
    expect(said).toContain('connected: 29 are here, and the host counted 30');
    expect(said).toContain('ok    records');
    // The totals themselves are in the log.
    const forged = (hidden.get('records.jsonl')?.toString() ?? '').replace('"granted":30', '"granted":29');
    expect(await quarter.refused(new Map(hidden).set('records.jsonl', Buffer.from(forged)))).toContain(
      'do not lead to the root',
    );
  });

  test('by a connection alone', async () => {
    const hidden = quarter.hiding(quarter.lineWith(id, 'connected'), plain);
    const table = (plain.get('population.csv')?.toString() ?? '').replace(/(GQ3A15.*),1,/, '$1,0,');
    expect(await quarter.refused(hidden.set('population.csv', Buffer.from(table)))).toContain('connected: 29 are here');
  });

  test('by its end: it should have been over', async () => {
    const table = (plain.get('population.csv')?.toString() ?? '').replace(/(GQ3A15.*),1,.*/, '$1,1,,not over');
    const hidden = quarter.hiding(quarter.lineWith(id, 'grant-ended'), plain).set('population.csv', Buffer.from(table));
    expect(await quarter.refused(hidden)).toContain(`access ${id} should have been over`);
  });

  test('by heads that are nearer to each other than the period', async () => {
    const about = JSON.parse(quarter.textOf('evidence.json')) as { opens: number; closes: number };
    const moved = (change: object): Map<string, Buffer> =>
      new Map(plain).set(
        'evidence.json',
        Buffer.from(`${JSON.stringify({ ...about, ...change, sample: undefined, seed: undefined })}\n`),
      );
    expect(await quarter.refused(moved({ closes: about.opens }))).toContain('not every record behind it is here');
    expect(await quarter.refused(moved({ opens: about.closes }))).toContain('after the beginning of the period');
  });

  test.each([
    ['its end', '2026-Q3', { from: '2026-06-01T00:00:00.000Z' }, 'after the beginning of the period'],
    ['its beginning', '2026-07-01..2026-09-29', { to: '2026-11-01T00:00:00.000Z' }, 'not every record behind it is'],
  ])('by evidence of %s alone, which says that it is of all', async (_, part, all, why) => {
    const files = await quarter.filesOf(part);
    const about = JSON.parse(files.get('evidence.json')?.toString() ?? '') as object;
    files.set('evidence.json', Buffer.from(`${JSON.stringify({ ...about, ...all })}\n`));
    expect(await quarter.refused(files)).toContain(why);
  });
});

describe('what was changed', () => {
  test('a record, totals among them', async () => {
    const edit = (from: RegExp, to: string): Map<string, Buffer> =>
      new Map(plain).set(
        'records.jsonl',
        Buffer.from((plain.get('records.jsonl')?.toString() ?? '').replace(from, to)),
      );
    for (const files of [edit(/INC-1042/, 'INC-1043'), edit(/"totals":\{"granted":2/, '"totals":{"granted":1')])
      expect(await quarter.refused(files)).toContain('do not lead to the root');
  });

  test('a reason, in its record and in both tables', async () => {
    const files = new Map(plain);
    for (const name of ['records.jsonl', 'population.csv', 'exceptions.csv'])
      files.set(name, Buffer.from((plain.get(name)?.toString() ?? '').replaceAll('INC-1042', 'INC-1043')));
    expect(await quarter.refused(files)).toContain('do not lead to the root');
  });

  test("two records in each other's place", async () => {
    const lines = (plain.get('records.jsonl')?.toString() ?? '').split('\n');
    [lines[5], lines[6]] = [lines[6] ?? '', lines[5] ?? ''];
    expect(await quarter.refused(new Map(plain).set('records.jsonl', Buffer.from(lines.join('\n'))))).toContain(
      'not in the order of the log',
    );
  });

  test.each(['population.csv', 'exceptions.csv'])('a cell of %s', async (name) => {
    const files = new Map(plain).set(
      name,
      Buffer.from((plain.get(name)?.toString() ?? '').replace('INC-1042', 'INC-1043')),
    );
    expect(await quarter.refused(files)).toContain(`${name} is not what the records say`);
  });

  test('the sample: another access in the place of one, another seed than the one that was named', async () => {
    const [first = ''] = drawnIn(quarter.good);
    const others = await quarter.filesOf('2026-Q3', { count: 2, seed: 'Q3-audit' });
    const other = drawnIn(others).find((one) => !drawnIn(quarter.good).includes(one)) ?? '';
    const swapped = new Map(quarter.good);
    swapped.delete(`samples/${first}.tar`);
    swapped.set(`samples/${other}.tar`, others.get(`samples/${other}.tar`) ?? Buffer.alloc(0));
    const added = new Map(quarter.good).set(
      `samples/${other}.tar`,
      others.get(`samples/${other}.tar`) ?? Buffer.alloc(0),
    );
    for (const files of [swapped, added])
      expect(await quarter.refused(files)).toContain('not those that the seed 4711 draws');
    const renamed = new Map(quarter.good).set(
      `samples/${first}.tar`,
      others.get(`samples/${other}.tar`) ?? Buffer.alloc(0),
    );
    expect(await quarter.refused(renamed)).toContain('it is of another access or checkpoint');
    const tar = await work.archive(quarter.good);
    expect((await verify(tar, '--seed', 'mine')).said).toContain('drawn by another seed than yours');
  });
});

test('one byte of each kind of file, whoever made the list of digests anew', async () => {
  // Not what is for readers; of evidence.json, only what is said of the period is proved.
  const kinds = [...new Map([...quarter.good.keys()].map((name) => [name.replace(/\d+|Q3\w+/g, ''), name])).values()];
  const proving = kinds.filter((name) => !/^VERIFY|^verify|^evidence|^tree/.test(name));
  expect(proving.length).toBeGreaterThan(5);
  for (const name of [...proving, 'tree/0']) {
    const content = quarter.good.get(name) ?? Buffer.alloc(0);
    await quarter.refused(new Map(quarter.good).set(name, flipped(content, Math.floor(content.length / 2))));
  }
});

test('the seed and the id are all that the draw goes by', () => {
  const order = [...ids(quarter.good)].sort((a, b) => (hex(`${seed}:${a}`) < hex(`${seed}:${b}`) ? -1 : 1));
  expect(order.slice(0, 2).sort()).toEqual([...drawnIn(quarter.good)].sort());
});
