// Questions to the fleet for what it lists, and the answers of one host (src/keeper/fleet).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { FleetQuery } from '../../../src/core/fleet-query.ts';
import { minute, second } from '../../../src/core/time.ts';
import { answerQuery, type AnswerQueryDeps, type ListedFor } from '../../../src/keeper/fleet/answer-query.ts';
import { gatherMs } from '../../../src/keeper/batches/news.ts';
import { askFleet } from '../../../src/keeper/fleet/ask-fleet.ts';
import type { Actor } from '../../../src/keeper/identity/actor.ts';
import { Refused } from '../../../src/core/refusal.ts';
import { dutyOf } from '../core/sample.ts';
import { signedBy } from './fakes.ts';
import { alice, began, codeOf, configOf, host, openWorld, type World } from './world.ts';

let world: World;
let asked: ListedFor[];
const query: FleetQuery = {
  ...{ id: 'Q00000', host: 'peer-box', command: 'connections --fleet', reader: alice, groups: ['engineers'] },
  until: began + 5 * second,
};
const rest = async (): Promise<void> => {
  for (let left = 100; left > 0; left--) await new Promise(setImmediate);
};
const depsOf = (lines: () => Promise<readonly string[]>): AnswerQueryDeps => ({
  ...(world.deps as unknown as AnswerQueryDeps),
  fleetListings: {
    connections: async (one) => {
      asked.push(one);
      return lines();
    },
  },
});

/** What this host says to a question. */
async function answered(
  change: Partial<FleetQuery> = {},
  { by = 'peer-box', lines = async () => Promise.resolve(['one line']) } = {},
): Promise<unknown> {
  const made = { ...query, ...change };
  await world.store.openRound('query', { id: 'Q00000', jws: signedBy(by, 'query', made), end: made.until });
  answerQuery(depsOf(lines), 'Q00000');
  await rest();
  const [letter] = world.store.shownQueries.get('Q00000')?.answers ?? [];
  return letter === undefined ? undefined : (JSON.parse(letter.jws) as { payload: unknown }).payload;
}

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  world = openWorld();
  asked = [];
});
afterEach(() => {
  world.close();
  jest.useRealTimers();
});

describe('a question of a peer', () => {
  test('is answered with what its person may see here, under their login here', async () => {
    expect(await answered()).toEqual({ query: 'Q00000', host, lines: ['one line'] });
    expect(asked[0]).toMatchObject({
      actor: { person: { ...alice, groups: ['engineers'] } },
      command: { verb: 'connections', fleet: true },
    });
  });

  test('of root is answered as to root', async () => {
    const { reader, ...ofRoot } = query;
    expect(reader).toBe(alice);
    await world.store.openRound('query', {
      id: 'Q00000',
      jws: signedBy('peer-box', 'query', ofRoot),
      end: query.until,
    });
    answerQuery(
      depsOf(async () => Promise.resolve([])),
      'Q00000',
    );
    await rest();
    expect(asked[0]?.actor).toMatchObject({ person: undefined, name: 'root@peer-box' });
  });

  test.each<[string, Partial<FleetQuery>, { by?: string }]>([
    ['rule 1: that no peer signed', {}, { by: 'stranger' }],
    ['rule 1: in the name of another host', { host }, {}],
    ['rule 1: under the id of another', { id: 'Q11111' }, {}],
    ['rule 1: for which nobody waits any more', { until: began }, {}],
    ['rule 1: for which somebody waits without end', { until: began + 60 * minute }, {}],
  ])('%s is not answered', async (_, change, how) => {
    expect([await answered(change, how), asked.length]).toEqual([undefined, 0]);
  });

  test.each(['revoke K7QF00', 'lock alice --reason x', 'status', 'no command', 'attach'])(
    'rule 2: nothing is done for "%s"',
    async (command) => {
      expect([await answered({ command }), asked.length]).toEqual([{ query: 'Q00000', host, lines: [] }, 0]);
    },
  );

  test('rule 3: a login that is locked here is told nothing', async () => {
    const lock = { target: 'alice', number: 1, locked: true, by: 'root', reason: 'gone', at: began };
    await world.deps.locks.take({ lock, jws: '' });
    expect(await answered()).toMatchObject({ lines: [], refused: expect.stringContaining('[LOCKED]') });
    expect(asked.length).toBe(0);
  });

  test('rule 3: a lock of everyone leaves the listings to those who resolve the incident', async () => {
    const lock = { target: '*', number: 1, locked: true, by: 'root', reason: 'INC-1', at: began };
    await world.deps.locks.take({ lock, jws: '' });
    expect(await answered()).toMatchObject({ lines: ['one line'] });
  });

  test('a refusal is told in place of the lines', async () => {
    const lines = async (): Promise<never> => Promise.reject(new Refused('BUSY', { host }));
    expect(await answered({}, { lines })).toMatchObject({ lines: [], refused: expect.stringContaining('[BUSY]') });
  });

  test('rule 1: is answered once, however often Redis tells of it', async () => {
    await answered();
    answerQuery(
      depsOf(async () => Promise.resolve(['again'])),
      'Q00000',
    );
    await rest();
    expect(asked.length).toBe(1);
  });

  test('rule 4: of the root of one host two are answered at once, and the others not at all', async () => {
    const open = Promise.withResolvers<string[]>();
    for (const id of ['Q1', 'Q2', 'Q3', 'Q4']) {
      const { reader, ...ofRoot } = { ...query, id };
      expect(reader).toBe(alice);
      await world.store.openRound('query', { id, jws: signedBy('peer-box', 'query', ofRoot), end: query.until });
      answerQuery(
        depsOf(async () => open.promise),
        id,
      );
    }
    await rest();
    open.resolve([]);
    await rest();
    expect(asked.length).toBe(2);
  });

  test('rule 4: of one person two are answered at once, and the others not at all', async () => {
    const open = Promise.withResolvers<string[]>();
    const lines = async (): Promise<string[]> => open.promise;
    await answered({}, { lines });
    for (const id of ['Q1', 'Q2', 'Q3']) {
      await world.store.openRound('query', {
        id,
        jws: signedBy('peer-box', 'query', { ...query, id }),
        end: query.until,
      });
      answerQuery(depsOf(lines), id);
    }
    await rest();
    expect(asked.length).toBe(2);
    open.resolve(['late']);
    await rest();
    expect([...world.store.shownQueries.values()].map(({ answers }) => answers.length)).toEqual([1, 1, 0, 0]);
  });
});

describe('whoever asks', () => {
  const command = { verb: 'connections', words: [], json: false, fleet: true } as const;
  const actor: Actor = {
    person: { ...alice, host, fingerprint: '', groups: ['engineers'], issuedAt: 0, at: 0, until: began + minute },
    ...{ name: 'alice', duty: dutyOf() },
  };
  const ask = async (signal = new AbortController().signal): ReturnType<typeof askFleet> =>
    askFleet(world.deps, { actor, command, columns: 80 }, signal);
  const say = async (by: string, as = by): Promise<void> => {
    const [id = ''] = [...world.store.shownQueries.keys()].slice(-1);
    const says = { query: id, host: as, lines: ['hello'] };
    await world.store.answerRound('query', id, { from: as, jws: signedBy(by, 'query-answer', says) });
    world.deps.batchNews.give(id);
    jest.advanceTimersByTime(gatherMs);
  };

  test('gets the answers as soon as every peer has said something', async () => {
    const answer = ask();
    await rest();
    await say('peer-box');
    const [query] = [...world.store.shownQueries.keys()];
    expect([...(await answer)]).toEqual([['peer-box', { query, host: 'peer-box', lines: ['hello'] }]]);
  });

  test('rule 2: learns who did not answer in time; what another signed for them counts as no answer', async () => {
    const answer = ask();
    await rest();
    await say(host, 'peer-box');
    await rest();
    for (let left = 5; left > 0; left--) {
      jest.advanceTimersByTime(second);
      await rest();
    }
    expect([...(await answer)]).toEqual([['peer-box', undefined]]);
  });

  test('rule 1: has two questions under way', async () => {
    const stop = new AbortController();
    const two = [ask(stop.signal), ask(stop.signal)];
    await rest();
    expect(await codeOf(ask(AbortSignal.abort()))).toBe('BUSY');
    stop.abort();
    await Promise.all(two);
    expect(world.deps.fleetQueries.of('alice')).toBe(0);
  });

  test('asks nobody where there is no peer', async () => {
    world.close();
    world = openWorld({ config: configOf({}, { peers: {} }) });
    expect([(await ask()).size, world.store.shownQueries.size]).toEqual([0, 0]);
  });
});
