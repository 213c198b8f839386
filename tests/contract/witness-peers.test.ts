// Hosts of a fleet as witnesses of one another's journals, over a real Redis (src/keeper/witness; C2SP tlog-witness).
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cosignerOf, logKeyOf, noteChecks, openCheckpoint } from '../../src/adapters/journal/checkpoints.ts';
import * as files from '../../src/adapters/state-file.ts';
import { WitnessedLogs } from '../../src/adapters/witness/witnessed.ts';
import { readNote, type Note } from '../../src/core/tlog/note.ts';
import { witnessesOf } from '../../src/core/tlog/witness.ts';
import { hour, minute } from '../../src/core/time.ts';
import { openTestStore, type TestStore } from './store-harness.ts';
import { openPair, openThird, record, records, turns, withoutRecording, type WitnessHost } from './witness-hosts.ts';

let server: TestStore;
let root: string;
let clock: { ms: number };
let a: WitnessHost;
let b: WitnessHost;

const asks = '{tmux-gate}:witness:asks:box-b';
const witnessed = (): WitnessedLogs => new WitnessedLogs(files, b.layout.witnessed);

beforeAll(async () => {
  server = await openTestStore();
});
afterAll(async () => server[Symbol.asyncDispose]());

beforeEach(async () => {
  await server.redis('FLUSHALL');
  root = mkdtempSync(join(tmpdir(), 'witness-'));
  clock = { ms: 0 };
  [a, b] = await openPair(root, server.store, clock);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('peers', () => {
  test('cosign what continues, and the owner keeps the note with the cosignature', async () => {
    for (const count of [5, 9, 300]) {
      await a.write(records(count));
      await turns([a, b]);
      const note = readNote(await a.cosigned()) as Note;
      expect(openCheckpoint(await a.cosigned(), logKeyOf('box-a', a.keys.publicKey() ?? ''))?.size).toBe(count);
      const names = witnessesOf(noteChecks, note, [cosignerOf('box-b', b.keys.publicKey() ?? '')]);
      expect(names).toMatchObject([{ name: 'tmux-gate/box-b' }]);
      expect(a.own.witnesses()[0]?.size).toBe(count);
      expect((await witnessed().of('box-a')).size).toBe(count);
    }
    expect([...a.alarms, ...b.alarms, ...a.lines, ...b.lines]).toEqual([]);
  });

  test('go on where they were after both were restarted, and after the owner forgot how far it was', async () => {
    await a.write(records(20));
    await turns([a, b]);
    await a.start([b]);
    await b.start([a]);
    await a.write(records(30));
    await turns([a, b]);
    expect(a.own.witnesses()[0]).toMatchObject({ size: 30, problem: undefined });
    await rm(a.layout.witnesses);
    await a.start([b]);
    await a.write(records(31));
    await turns([a, b], 6);
    expect(a.own.witnesses()[0]).toMatchObject({ size: 31, problem: undefined });
    expect(b.alarms).toEqual([]);
  });

  test('that restart without a store, and a store that is emptied, lose nothing', async () => {
    await a.write(records(20));
    await turns([a, b], 1);
    await server.redis('FLUSHALL');
    await a.write(records(25));
    await turns([a, b], 8);
    expect(a.own.witnesses()[0]).toMatchObject({ size: 25 });
  });

  test('that do not know the host pass its asks over', async () => {
    await b.start([]);
    await a.write(records(5));
    await turns([a, b]);
    expect(await witnessed().hosts()).toEqual([]);
    expect(a.own.witnesses()[0]).toMatchObject({ size: 0, problem: 'no answer' });
  });

  test('keep one note an hour, and the newest', async () => {
    for (let n = 1; n <= 4; n += 1) {
      await a.write(records(n * 10));
      await turns([a, b]);
      clock.ms += hour / 2;
    }
    const kept = (await witnessed().notes('box-a')).map((note) => note.split('\n')[1]);
    expect(kept).toEqual(['10', '30']);
    expect((await witnessed().of('box-a')).note.split('\n')[1]).toBe('40');
  });
});

describe("root of the host, with the host's own key", () => {
  const cosignedHistory = records(300);
  beforeEach(async () => {
    await a.write(cosignedHistory);
    await turns([a, b]);
    await cp(a.layout.journal, `${a.root}/yesterday`, { recursive: true });
    await a.write(records(400));
    await turns([a, b]);
  });

  const rewritten = (count: number): string[] =>
    records(count).map((line, at) => (at === 123 ? record(124, 'rewritten') : line));

  async function restore(): Promise<void> {
    await rm(a.layout.journal, { recursive: true });
    await cp(`${a.root}/yesterday`, a.layout.journal, { recursive: true });
  }

  test.each([
    ['rewrites one record', async () => a.write(rewritten(400)), 'other-root', 400],
    ['rewrites one record, and goes on', async () => a.write(rewritten(401)), 'not-continued', 401],
    ['drops a recording and all its records', async () => a.write(withoutRecording(400)), 'other-root', 400],
    ['drops a record', async () => a.write(records(401).toSpliced(50, 1)), 'other-root', 400],
    ['cuts the last record', async () => a.write(records(399)), 'smaller', 399],
    ['cuts the last hundred', async () => a.write(records(300)), 'smaller', 300],
    ['starts a second history', async () => a.write(records(7, 'second')), 'smaller', 7],
    ['starts a second history, which is longer', async () => a.write(records(500, 'second')), 'not-continued', 500],
    ['puts the folder of the day before back', async () => restore(), 'smaller', 300],
  ])('%s: the peer cosigns nothing, journals it and alarms, by name', async (_, tamper, problem, shown) => {
    await tamper();
    await a.start([b]); // whatever the keeper remembered
    clock.ms += minute;
    await turns([a, b], 8);
    expect(b.events()).toMatchObject([{ event: 'fork-seen', log: 'box-a', problem, cosigned: 400, shown }]);
    expect(b.alarms).toEqual([expect.stringMatching(/^FORK in the journal of box-a: /)]);
    const known = await witnessed().of('box-a');
    expect(known).toMatchObject({ size: 400, contradicting: { problem, size: shown } });
    expect(known.contradicting?.note).toContain(`tmux-gate/box-a\n${shown}\n`);
    expect(a.events('witness-contradicts')).toMatchObject([{ witness: 'tmux-gate/box-b', cosigned: 400 }]);
    expect(a.alarms).toHaveLength(1);
  });

  test('a fork is told once, also after a restart, and is over when the true journal is back', async () => {
    await a.write(rewritten(400));
    await turns([a, b], 4);
    await b.start([a]);
    await a.write(rewritten(410));
    await turns([a, b], 4);
    expect([b.events().length, b.alarms.length]).toEqual([1, 1]);
    await a.write(records(420));
    await turns([a, b], 6);
    expect([b.events('fork-over'), b.cleared.length]).toMatchObject([[{ log: 'box-a', records: 420 }], 1]);
    expect(await witnessed().of('box-a')).toMatchObject({ size: 420 });
    expect((await witnessed().of('box-a')).contradicting).toBeUndefined();
  });

  test('a fork that cannot be journaled is an alarm all the same, and is journaled later', async () => {
    b.journalIsDown = true;
    await a.write(rewritten(400));
    await turns([a, b], 3);
    expect([b.events().length, b.alarms.length > 0]).toEqual([0, true]);
    b.journalIsDown = false;
    await turns([a, b], 3);
    expect(b.events('fork-seen')).toHaveLength(1);
  });

  test('root of the peer accepts it with a reason, for what was cosigned alone', async () => {
    await a.write(records(7, 'second'));
    await turns([a, b]);
    const accepted = { by: 'root', reason: 'restored from a backup', at: 5 };
    await witnessed().accept('box-a', { ...accepted, size: 399 });
    await turns([a, b]);
    expect(b.events('fork-accepted')).toEqual([]);
    await witnessed().accept('box-a', { ...accepted, size: 400 });
    await a.write(records(8, 'second'));
    await turns([a, b], 8);
    expect(b.events('fork-accepted')).toEqual([{ event: 'fork-accepted', log: 'box-a', cosigned: 400, ...accepted }]);
    expect(await witnessed().of('box-a')).toMatchObject({ size: 8 });
    expect(a.own.witnesses()[0]).toMatchObject({ size: 8, contradicts: false });
    expect((await witnessed().notes('box-a')).some((note) => note.startsWith('tmux-gate/box-a\n400\n'))).toBe(true);
  });
});

describe('whoever can write to Redis', () => {
  const ask = async (): Promise<string> => server.redis('HGET', asks, 'box-a');

  test('puts an old ask back: no alarm, and nothing is cosigned', async () => {
    await a.write(records(20));
    await a.turn();
    const old = await ask();
    await turns([b, a], 3);
    await a.write(records(30));
    await turns([a, b], 3);
    await server.redis('HSET', asks, 'box-a', old);
    await b.start([a]);
    await b.turn();
    expect([await witnessed().of('box-a'), b.alarms]).toMatchObject([{ size: 30 }, []]);
    await a.write(records(40));
    await turns([a, b], 6);
    expect((await witnessed().of('box-a')).size).toBe(40);
  });

  test('cannot ask in the name of a host, nor hand an ask or an answer on to another', async () => {
    const c = await openThird(root, server.store, clock, [a, b]);
    await b.start([a, c]);
    await c.write(records(3, 'c'));
    await c.turn();
    const foreign = await server.redis('HGET', asks, 'box-c');
    await server.redis('HSET', asks, 'box-a', foreign);
    await server.redis('HDEL', asks, 'box-c');
    await b.turn();
    await a.start([b, c]);
    await a.write(records(5));
    await a.turn();
    await server.redis('HSET', asks, 'box-a', await server.redis('HGET', '{tmux-gate}:witness:asks:box-c', 'box-a'));
    await b.turn();
    await server.redis('HSET', asks, 'box-a', 'no jws', 'box-z', 'x', 'a:b', 'y');
    await b.turn();
    expect(await witnessed().hosts()).toEqual([]);
    await turns([a, b], 6);
    await a.write(records(6));
    await turns([a, b], 1); // both are asked at one instant, so that both asks have one number
    const answers = '{tmux-gate}:witness:answers:box-a';
    await server.redis('HSET', answers, 'box-c', await server.redis('HGET', answers, 'box-b'));
    await a.turn();
    expect(a.own.witnesses()).toMatchObject([{ size: 6 }, { size: 0, problem: 'no answer' }]);
    expect([...a.alarms, ...b.alarms]).toEqual([]);
  });

  test('hands what a witness answered to one host on to another: no alarm', async () => {
    const c = await openThird(root, server.store, clock, [b]);
    await b.start([a, c]);
    await a.write(records(5));
    await c.write(records(9, 'c'));
    await turns([a, c, b]);
    await a.write(records(6));
    await c.write(records(3, 'c'));
    clock.ms += minute;
    await a.own.turn(); // at one instant, so that both asks have one number
    await c.own.turn();
    await b.turn();
    const refused = await server.redis('HGET', '{tmux-gate}:witness:answers:box-c', 'box-b');
    await server.redis('HSET', '{tmux-gate}:witness:answers:box-a', 'box-b', refused);
    await a.turn();
    await c.turn();
    expect([a.alarms.length, c.alarms.length]).toEqual([0, 1]);
  });

  test('fills the box: nothing is cosigned, and the owner alarms', async () => {
    await a.write(records(5));
    await a.turn();
    const many = Array.from({ length: 300 }, (_, n) => [`h${n}`, 'x']).flat();
    await server.redis('HSET', asks, ...many);
    await turns([b, a], 2);
    clock.ms += 11 * minute;
    await turns([b, a], 1);
    expect(a.events('witness-away')).toHaveLength(1);
  });
});

describe('a witness that is away', () => {
  test('is an alarm after ten minutes with records, once, and when it is back', async () => {
    await a.write(records(5));
    await turns([a, b]);
    clock.ms += hour;
    await turns([a], 2);
    expect(a.alarms).toEqual([]); // nothing new was written
    await a.write(records(6));
    await turns([a], 3);
    clock.ms += 9 * minute;
    await turns([a], 3);
    expect(a.alarms).toEqual([]);
    clock.ms += minute;
    await turns([a], 3);
    await a.write(records(7));
    await turns([a], 3);
    expect(a.alarms).toEqual(['witness tmux-gate/box-b has not cosigned the journal for 10 minutes: no answer']);
    expect(a.events()).toMatchObject([{ event: 'witness-away', witness: 'tmux-gate/box-b', cosigned: 5, records: 6 }]);
    await turns([b, a], 3);
    expect(a.events('witness-back')).toMatchObject([{ cosigned: 7 }]);
    expect(a.cleared).toEqual(['witness tmux-gate/box-b cosigns the journal again']);
  });

  test('is no alarm while it cosigns late, however much is written', async () => {
    for (let n = 1; n <= 12; n += 1) {
      await a.write(records(n));
      await turns([b, a], 2);
      clock.ms += minute;
    }
    expect(a.alarms).toEqual([]);
  });
});

test('state that cannot be understood cosigns nothing', async () => {
  await a.write(records(5));
  await turns([a, b]);
  const path = join(b.layout.witnessed, 'box-a.log.json');
  await writeFile(path, (await readFile(path, 'utf8')).slice(0, 30));
  await expect(b.start([a])).rejects.toThrow();
});
