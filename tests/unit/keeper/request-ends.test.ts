// The end of a request that no review made, who waits for an answer, and a use of break-glass that waits for a look
// (src/keeper/grants: request-ends, pending-answers, break-glass-use, snapshot).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Use } from '../../../src/core/break-glass.ts';
import { minute, second } from '../../../src/core/time.ts';
import { recallUse, reviewedOf, voidedOf } from '../../../src/keeper/grants/break-glass-use.ts';
import { openPeerConfirmations } from '../../../src/keeper/grants/peer-confirmations.ts';
import { openPendingAnswers } from '../../../src/keeper/grants/pending-answers.ts';
import { isOfRequest, recallRequests, unansweredOf } from '../../../src/keeper/grants/request-ends.ts';
import { readSnapshot, saveSnapshot } from '../../../src/keeper/grants/snapshot.ts';
import { requestOfTombstone, requestTombstoneId } from '../../../src/keeper/grants/tombstone-id.ts';
import { ask, began, configOf, events, eventually, granted, host, lineOf, openWorld, type World } from './world.ts';

let world: World;
const rest = async (): Promise<unknown> => new Promise(setImmediate);
const told = (): readonly unknown[] => world.notices.map(({ event, request }) => `${event} ${request ?? ''}`);
const begin = async (id: string, answerBy = began + minute): Promise<void> => {
  const { facts } = await ask(world, { id, answerBy });
  await world.deps.outbox.begin(unansweredOf(facts));
};

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  world = openWorld();
});
afterEach(() => {
  world.close();
  jest.useRealTimers();
});

describe('a request that nobody answers', () => {
  test('has its record before its notice once its time is over, whether or not somebody waits', async () => {
    const { facts } = await ask(world, { answerBy: began + minute });
    world.deps.requestEnds.watch(facts);
    world.deps.requestEnds.watch(facts);
    jest.advanceTimersByTime(minute - 1);
    await rest();
    expect(events(world)).toEqual([]);
    jest.advanceTimersByTime(1);
    await rest();
    expect(lineOf(world, 'unanswered')).toMatchObject({ request: 'K7QF00', login: 'alice', session: 'prod-db' });
    expect([events(world), told()]).toEqual([['unanswered'], ['unanswered K7QF00']]);
  });

  test('without a record has no notice yet', async () => {
    const { facts } = await ask(world, { answerBy: began + minute });
    world.deps.requestEnds.watch(facts);
    world.journal.full = true;
    jest.advanceTimersByTime(minute);
    await rest();
    expect([told(), world.deps.outbox.all().length]).toEqual([[], 1]);
  });

  test('is not told of once it was answered: its timer stops, and nothing is owed', async () => {
    await begin('K7QF00');
    world.deps.requestEnds.watch((await ask(world, { answerBy: began + minute })).facts);
    await world.tombstones.add(requestTombstoneId('K7QF00'), began + minute);
    jest.advanceTimersByTime(minute);
    await rest();
    expect([events(world), world.deps.outbox.all()]).toEqual([[], []]);
  });

  test('that is answered in the turn before its own is not ended', async () => {
    const { facts } = await ask(world, { answerBy: began + minute });
    world.deps.requestEnds.watch(facts);
    const turn = Promise.withResolvers<undefined>();
    void world.deps.oneByOne('request K7QF00', async () => turn.promise);
    jest.advanceTimersByTime(minute);
    world.tombstones.until.set('request:K7QF00', began + minute);
    turn.resolve(undefined);
    await rest();
    expect(events(world)).toEqual([]);
  });

  test('a tombstone of a grant is none of a request', () => {
    expect([requestOfTombstone('G0'), requestOfTombstone(requestTombstoneId('R0'))]).toEqual([undefined, 'R0']);
    world.deps.requestEnds.over('G0');
  });
});

describe('a keeper that starts', () => {
  test('tells of each whose time ran out, of none that was answered, and watches those that wait', async () => {
    await begin('LATE');
    await begin('DONE');
    await begin('WAITS', began + 10 * minute);
    await world.deps.outbox.begin({ event: 'disconnected', is: {}, facts: {} });
    world.journal.lines.push({ event: 'denied', request: 'DONE' });
    jest.setSystemTime(began + minute);
    await recallRequests(world.deps);
    expect(told()).toEqual(['unanswered LATE']);
    expect(world.deps.outbox.all().filter(isOfRequest)).toMatchObject([{ is: { request: 'WAITS' } }]);
    jest.advanceTimersByTime(9 * minute);
    await rest();
    expect(told()).toEqual(['unanswered LATE', 'unanswered WAITS']);
  });

  test('finishes an end that had begun, and reads no journal when nothing is late', async () => {
    await begin('WAITS');
    await recallRequests(world.deps);
    await world.deps.outbox.intend(unansweredOf((await ask(world, { answerBy: began + minute })).facts));
    await recallRequests(world.deps);
    expect(told()).toEqual(['unanswered K7QF00']);
  });
});

describe('whoever waits for an answer', () => {
  const waits = async (answerBy = began + minute, stop = new AbortController()) => {
    const answers = openPendingAnswers(() => Date.now());
    const { facts } = await ask(world, { id: `R${answerBy}`, answerBy });
    return {
      answers,
      stop,
      id: facts.id,
      answer: answers.of(facts, stop.signal),
      more: answers.of(facts, stop.signal),
    };
  };

  test('hears it, and so does everybody else who waits for the same; it is there for who comes late', async () => {
    const { answers, id, answer, more } = await waits();
    answers.give('other', { state: 'unanswered' });
    answers.give(id, { state: 'lapsed', code: 'LOCKED' });
    const heard = { state: 'lapsed', code: 'LOCKED' };
    expect([await answer, await more, answers.given(id), answers.given('none')]).toEqual([
      heard,
      heard,
      heard,
      undefined,
    ]);
  });

  test('hears that there is none once its time is over, was over before, or nobody listens any more', async () => {
    const { answer } = await waits();
    jest.advanceTimersByTime(minute);
    expect(await answer).toEqual({ state: 'unanswered' });
    const { answer: late } = await waits(began);
    jest.advanceTimersByTime(0);
    expect(await late).toEqual({ state: 'unanswered' });
    const { answer: left, stop } = await waits(began + 5 * minute);
    stop.abort();
    expect(await left).toEqual({ state: 'unanswered' });
    const { answer: never } = await waits(began + 6 * minute, stop);
    expect(await never).toEqual({ state: 'unanswered' });
  });

  test('the last five hundred answers are kept', () => {
    const answers = openPendingAnswers(() => Date.now());
    for (let n = 0; n <= 500; n += 1) answers.give(`R${n}`, { state: 'unanswered' });
    expect([answers.given('R0'), answers.given('R1')]).toEqual([undefined, { state: 'unanswered' }]);
  });
});

describe('a revocation of a grant of another host', () => {
  test('is confirmed to everybody who waits for it, and one that gives up takes it from nobody', async () => {
    const confirmations = openPeerConfirmations();
    const [first, second] = [10, 20].map(async (ms) => confirmations.expect('prod-web', 'G1', ms * 1_000));
    jest.advanceTimersByTime(10_000);
    expect(await first).toBe(false);
    const third = confirmations.expect('prod-web', 'G1', 1_000);
    confirmations.give('prod-web', 'G1');
    confirmations.give('prod-web', 'G2');
    expect([await second, await third]).toEqual([true, true]);
  });
});

describe('a use of break-glass that nobody has looked at', () => {
  const use = { code: 'C1', login: 'alice', session: 'prod-db', grant: 'G0', at: began } as unknown as Use;
  const recall = async (found: Use | undefined): Promise<number> => {
    let finished = 0;
    const breakGlass = { unreviewed: () => found, finish: async () => Promise.resolve(void (finished += 1)) };
    await recallUse({ ...world.deps, breakGlass: breakGlass as never });
    return finished;
  };

  test('is told of by each keeper that starts; one that opened nothing is written down, once', async () => {
    expect(await recall(undefined)).toBe(0);
    expect(await recall(use)).toBe(0);
    expect([world.notices.length, events(world)]).toEqual([1, []]);
    expect(await recall({ ...use, unfinished: true })).toBe(1);
    expect(lineOf(world, 'break-glass-unfinished')).toMatchObject({ code: 'C1', grant: 'G0' });
    world.journal.full = true;
    await expect(recall({ ...use, unfinished: true })).rejects.toThrow('JOURNAL_DOWN');
  });

  test('a review of it and codes that are void are owed by what tells them from others', () => {
    expect(reviewedOf(use, { by: 'bob', reason: 'drill' })).toMatchObject({ is: { grant: 'G0' }, redo: 'G0' });
    expect([voidedOf(undefined, 'root'), voidedOf('C1', 'root')]).toMatchObject([
      { is: { code: 'all' }, redo: '' },
      { is: { code: 'C1' }, redo: 'C1' },
    ]);
  });
});

describe('the live grants in a file, for the keeper that starts next', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'snapshot-'));
    world = openWorld({ root });
    mkdirSync(dirname(world.deps.layout.grants), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 9, retryDelay: 10 }));

  test('are those that are open, unburied and on the terms of the policy, with where the boot clock stands at their end', async () => {
    for (const id of ['G0', 'G1', 'G2', 'G3']) await granted(world, { id });
    await granted(world, { id: 'G4', end: began + 10 * second });
    await granted(world, { id: 'G5', terms: 'root shared none' });
    await saveSnapshot(world.deps);
    await world.tombstones.add('G1', began + minute);
    jest.setSystemTime(began + 10 * second);
    const kept = await readSnapshot(world.deps);
    expect(kept.map(({ grant }) => grant.id)).toEqual(['G0', 'G2', 'G3']);
    expect(kept[0]).toMatchObject({ keyEnd: began + 20 * minute, boot: 20 * minute + 20 });
  });

  test('are none where the file is missing or torn, and one that cannot be written is logged', async () => {
    expect(await readSnapshot(world.deps)).toEqual([]);
    writeFileSync(world.deps.layout.grants, 'torn');
    expect(await readSnapshot(world.deps)).toEqual([]);
    const nowhere = openWorld({ config: configOf() });
    await saveSnapshot(nowhere.deps);
    expect([...world.deps.log.said, ...nowhere.deps.log.said].map(({ event }) => event)).toEqual([
      ...['grants-not-recalled', 'grants-not-kept'],
    ]);
  });

  test('follow each grant that comes and goes', async () => {
    await granted(world);
    await eventually(() => existsSync(world.deps.layout.grants));
    expect((await readSnapshot(world.deps)).map(({ grant }) => grant.host)).toEqual([host]);
  });
});
