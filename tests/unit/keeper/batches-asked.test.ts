// The host where a batch is asked for, and what is shown of it (src/keeper/batches: ask-batch, host-states, batch-screen, as-one, news).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Batch } from '../../../src/core/batch.ts';
import { minute, second } from '../../../src/core/time.ts';
import { asOne } from '../../../src/keeper/batches/as-one.ts';
import { askBatch } from '../../../src/keeper/batches/ask-batch.ts';
import { endLinesOf, notOn, rowsOf } from '../../../src/keeper/batches/batch-screen.ts';
import { hostStates } from '../../../src/keeper/batches/host-states.ts';
import { gatherMs, openBatchNews } from '../../../src/keeper/batches/news.ts';
import { readBatch } from '../../../src/keeper/batches/read-batch.ts';
import { withdrawBatch, withdrawMember } from '../../../src/keeper/batches/withdraw-batch.ts';
import type { Visitor } from '../../../src/keeper/identity/visitor.ts';
import { memberHere, openBatchWorld, own, posted, takenUp, type BatchWorld } from './batch-world.ts';
import { signedBy } from './fakes.ts';
import { alice, began, codeOf, host, lineOf } from './world.ts';

let at: BatchWorld;

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  at = openBatchWorld();
});
afterEach(() => {
  at.world.close();
  jest.useRealTimers();
});

const visitor = { login: 'alice', fingerprint: 'SHA256:x', address: '10.0.0.7' } as Visitor;

describe('the host where it is asked for', () => {
  const who = {
    ...{ ...alice, host, fingerprint: 'SHA256:x', groups: ['engineers'], issuedAt: began, at: began },
    until: began + 60 * minute,
  };
  const asked = { session: 'prod-db', hosts: [host], reason: 'INC-1 look', view: true };
  const ask = async (): Promise<Batch> => askBatch(at.world.deps, visitor, who, asked);
  const waiting = async (): Promise<Batch> => {
    const batch = await ask();
    await takenUp(at, batch.id);
    return batch;
  };

  test('journals it before any host can see it', async () => {
    const batch = await ask();
    expect(lineOf(at.world, 'batch-requested')).toMatchObject({
      batch: batch.id,
      hosts: [host],
      mode: 'view',
      who: alice,
    });
    expect((await readBatch(at.world.deps, batch.id))?.batch).toEqual(batch);
    at.world.journal.full = true;
    expect(await codeOf(ask())).toBe('JOURNAL_DOWN');
    expect(at.world.store.shownBatches.size).toBe(1);
  });

  test('rule 3: lets a person have four that wait, and counts none that was withdrawn', async () => {
    const [first] = [await waiting(), await waiting(), await waiting(), await waiting()];
    expect(await codeOf(ask())).toBe('MANY_BATCHES');
    await withdrawBatch(at.world.deps, first);
    await withdrawMember(at.world.deps, first.id);
    expect(await codeOf(ask())).toBe('not refused');
  });

  test('rule 3: and twenty at all, also such as no host takes', async () => {
    for (let left = 20; left > 0; left--) await ask();
    expect(await codeOf(ask())).toBe('MANY_BATCHES');
  });
});

describe('what is shown', () => {
  test('of hosts with the same end, one line', async () => {
    const hosts = [host, 'peer-box', 'web-01', 'web-02', 'web-03'];
    await posted(at, { hosts });
    await takenUp(at);
    for (const one of ['web-01', 'web-02']) {
      const says = { batch: 'B00000', host: one, code: 'UNKNOWN_SESSION', says: `There is no session "x" on ${one}.` };
      await at.world.store.answerRound('batch', 'B00000', { from: one, jws: signedBy(one, 'batch-answer', says) });
    }
    const read = await readBatch(at.world.deps, 'B00000');
    const states = read === undefined ? [] : await hostStates(at.world.deps, read);
    expect(states.map(({ state }) => state)).toEqual(['pending', 'silent', 'silent', 'silent', 'silent']);
    expect(endLinesOf(states)).toEqual([
      `Nobody answered for ${host} in time. Call whoever is on call, then ask again.`,
      expect.stringMatching(/^No answer from peer-box,web-\[01-03\]: /),
    ]);
    expect(notOn(states)).toEqual([expect.stringMatching(/^peer-box,web-\[01-03\]: no answer\. /)]);
    expect(rowsOf(states)[0]).toEqual({ host, state: 'pending', request: own });
  });

  test('requests of a batch are one row; a request beside it stays its own', async () => {
    await posted(at);
    await takenUp(at);
    const member = await memberHere(at);
    const { facts } = member;
    const twin = { ...member, facts: { ...facts, id: 'T00000', host: 'web-01' } };
    const foreign = { ...member, facts: { ...facts, id: 'F00000', host: 'web-02', reason: 'INC-9 else' } };
    const { batch, ...single } = facts;
    expect(batch?.id).toBe('B00000');
    const rows = asOne([member, twin, foreign, { ...member, facts: { ...single, id: 'S00000' } }]);
    expect(rows.map(({ id, hosts }) => [id, hosts])).toEqual([
      ['B00000', [host, 'web-01']],
      ['B00000', ['web-02']],
      ['S00000', [host]],
    ]);
  });
});

describe('news', () => {
  test('wakes whoever waits for that id, a moment after the first event, and after its limit', async () => {
    const news = openBatchNews();
    const gone = new AbortController();
    const heard: string[] = [];
    const wait = (name: string, ids: string[]): Promise<unknown> =>
      news.next(ids, gone.signal, 2 * second).then(() => heard.push(name));
    const all = [wait('a', ['X', 'Y']), wait('b', ['Z']), wait('c', ['W'])];
    news.give('Y');
    news.give('X');
    jest.advanceTimersByTime(gatherMs - 1);
    await new Promise(setImmediate);
    expect(heard).toEqual([]);
    jest.advanceTimersByTime(1);
    await new Promise(setImmediate);
    expect(heard).toEqual(['a']);
    jest.advanceTimersByTime(2 * second - gatherMs - 1);
    await new Promise(setImmediate);
    expect(heard).toEqual(['a']);
    gone.abort();
    await Promise.all(all);
    expect(heard).toEqual(['a', 'b', 'c']);
    await news.next(['X'], gone.signal, second);
    const late = news.next(['X'], new AbortController().signal, second);
    jest.advanceTimersByTime(second);
    await late;
  });
});
