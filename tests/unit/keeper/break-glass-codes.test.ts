// Codes while a hash is computed: what happens meanwhile stays (rule 1 of keeper/break-glass.ts).
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Grant } from '../../../src/core/grant.ts';
import { openBreakGlass, type BreakGlass, type Derive } from '../../../src/keeper/state/break-glass-codes.ts';

let folder = '';
let path = '';
let clock = 1_000;
/** Hashes that wait until a test lets them go. */
let held: (() => void)[] | undefined;

const derive: Derive = async (secret, salt, length) => {
  if (held !== undefined) await new Promise<void>((resolve) => held?.push(resolve));
  return Buffer.from(`${secret}${salt.toString('hex')}`.padEnd(length, '.').slice(0, length));
};
const open = async (): Promise<BreakGlass> => openBreakGlass(path, () => clock, derive);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'glass-'));
  [path, clock, held] = [join(folder, 'break-glass.json'), 1_000, undefined];
});
afterEach(() => rmSync(folder, { recursive: true }));

const useOf = (code: string, grant = 'G1') => ({ code, login: 'alice', session: 'prod-db', grant, at: clock });
const idOf = (shown: string): string => shown.slice(0, 4);

/** Does something else while `work` waits for its hashes. */
async function meanwhile<T>(work: () => Promise<T>, other: () => Promise<unknown>, hashes = 1): Promise<T> {
  held = [];
  const going = work();
  while (held.length < hashes) await new Promise((resolve) => setImmediate(resolve));
  const waiting = held;
  held = undefined;
  await other();
  for (const go of waiting) go();
  return going;
}

describe('while codes are issued', () => {
  test('a code that is used stays used, and one that is voided stays void', async () => {
    const glass = await open();
    const [first = '', second = ''] = await glass.issue(2);
    await meanwhile(
      async () => glass.issue(3),
      async () => {
        expect(await glass.begin(useOf(idOf(first)))).toBe(true);
        expect(await glass.void(idOf(second))).toBe(1);
      },
      3,
    );
    expect(await glass.try(first, 'bob')).toEqual({ problem: 'wrong' });
    expect(await glass.try(second, 'bob')).toEqual({ problem: 'wrong' });
    expect(glass.all()).toHaveLength(5);
    expect(glass.unreviewed()).toMatchObject({ grant: 'G1' });
  });

  test('of two who issue at once every code that was shown exists, also for the next keeper', async () => {
    const glass = await open();
    const shown = (await Promise.all([glass.issue(5), glass.issue(5)])).flat();
    const next = await open();
    for (const code of shown) expect(await next.try(code, code)).toEqual({ code: idOf(code) });
  });
});

describe('while a code is tried', () => {
  test('it is used: it opens nothing again', async () => {
    const glass = await open();
    const [code = ''] = await glass.issue(1);
    const tried = await meanwhile(
      async () => glass.try(code, 'carol'),
      async () => glass.begin(useOf(idOf(code))),
    );
    expect(tried).toEqual({ problem: 'wrong' });
  });

  test('two who tried it at once: one begins', async () => {
    const glass = await open();
    const [code = ''] = await glass.issue(1);
    await Promise.all([glass.try(code, 'alice'), glass.try(code, 'carol')]);
    const began = await Promise.all([glass.begin(useOf(idOf(code))), glass.begin(useOf(idOf(code), 'G2'))]);
    expect(began).toEqual([true, false]);
  });
});

describe('wrong codes', () => {
  const wrong = 'K7QF-ABCD-0123-4567-89XY';

  test('pause the login that typed them, and nobody else', async () => {
    const glass = await open();
    const [code = ''] = await glass.issue(1);
    const tries = await Promise.all(Array.from({ length: 8 }, async () => glass.try(wrong, 'mallory')));
    expect(tries.filter((tried) => 'problem' in tried)).toHaveLength(5);
    expect(await glass.try(code, 'mallory')).toHaveProperty('pausedUntil');
    expect(await glass.try(code, 'alice')).toEqual({ code: idOf(code) });
    clock += 60 * 60_000;
    expect(await glass.try(code, 'mallory')).toEqual({ code: idOf(code) });
  });

  test('are those of no form, too', async () => {
    expect(await (await open()).try('rubbish', 'mallory')).toEqual({ problem: 'wrong' });
  });
});

describe('a use', () => {
  test('is on disk, with the review that is owed, before anything is opened', async () => {
    const glass = await open();
    const [code = ''] = await glass.issue(1);
    await glass.begin(useOf(idOf(code)));
    const next = await open();
    expect(next.unreviewed()).toMatchObject({ grant: 'G1', unfinished: true });
    expect(next.grants()).toEqual([]);
    await next.finish();
    expect((await open()).unreviewed()).toMatchObject({ unfinished: false });
  });

  test('is reviewed by what was looked at: another one waits on', async () => {
    const glass = await open();
    const [first = '', second = ''] = await glass.issue(2);
    await glass.begin(useOf(idOf(first)));
    expect(await glass.review('G1')).toBe(true);
    await glass.begin(useOf(idOf(second), 'G2'));
    expect(await glass.review('G1')).toBe(false);
    expect(glass.unreviewed()).toMatchObject({ grant: 'G2' });
  });

  test('that cannot be written has not happened', async () => {
    const glass = await open();
    const [code = ''] = await glass.issue(1);
    rmSync(folder, { recursive: true });
    await expect(glass.begin(useOf(idOf(code)))).rejects.toThrow();
    expect([glass.all()[0]?.usedAt, glass.unreviewed()]).toEqual([undefined, undefined]);
    folder = mkdtempSync(join(tmpdir(), 'glass-'));
  });
});

test('what a version before this one wrote is read: its grants in a file of their own', async () => {
  const grant = {
    ...{ id: 'GRANT00001', request: 'GLASSK7QF', digest: '0'.repeat(64), host: 'prod-box', session: 'prod-db' },
    ...{ who: { issuer: 'break-glass', subject: 'alice', login: 'alice', claim: 'break-glass code K7QF' } },
    ...{ reason: 'INC-9', approvers: [], start: 1, end: 5_000 },
  } as unknown as Grant;
  writeFileSync(path, JSON.stringify({ codes: [], wrong: [1, 2] }));
  writeFileSync(path.replace('.json', '-grants.json'), JSON.stringify([grant]));
  const glass = await open();
  expect(glass.grants()).toMatchObject([{ id: 'GRANT00001' }]);
  await glass.issue(1);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ grants: [{ id: 'GRANT00001' }] });
});
