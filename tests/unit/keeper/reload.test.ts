// A reload as a transaction (src/keeper/reload.ts): what it checks, in which order it acts, and what is left when a step fails.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/adapters/sha256.ts';
import { ConfigError } from '../../../src/config/problem.ts';
import type { Policy } from '../../../src/config/load.ts';
import { Refused } from '../../../src/core/refusal.ts';
import { openReload, type Reload, type ReloadDeps } from '../../../src/keeper/reload.ts';
import { codeOf, configOf, events, lineOf, loadedAs, openWorld, type World } from './world.ts';

let world: World;
let log: string[];
let file: Policy | Error;
let prepare: () => Promise<void>;
let reload: Reload;
const ended = { connections: 1, sessions: 0, requests: 2 };
const other = loadedAs(configOf({}, { request: { answerWithinMs: 1 } }), 'two');

beforeEach(() => {
  [log, file] = [[], other];
  prepare = async () => Promise.resolve();
  world = openWorld({ pause: async (step) => Promise.resolve(void log.push(step)) });
  const deps: ReloadDeps = {
    ...world.deps,
    load: async () => (file instanceof Error ? Promise.reject(file) : Promise.resolve(file)),
    prepare: async () => {
      log.push('prepare');
      await prepare();
      return () => void log.push(`exchange: ${world.deps.config.request.answerWithinMs}`);
    },
    judgeAnew: async (before) => {
      log.push(`judge: ${before.request.answerWithinMs > 1} ${world.deps.config.request.answerWithinMs}`);
      return Promise.resolve(ended);
    },
  };
  world.deps.policy.onTaken(() => log.push('taken'));
  reload = openReload(deps);
});

const inForce = (): number => world.deps.config.request.answerWithinMs;
const refusals = (): readonly unknown[] => world.deps.log.said.map(({ event }) => event);

describe('a policy that is valid', () => {
  test('rule 3: is prepared, then in the journal, then taken, exchanged and judged by, then closed by a record', async () => {
    expect(await reload.now('root')).toEqual({ state: 'taken', changes: [{ key: 'text', how: 'changed' }], ended });
    expect(log).toEqual([
      ...['prepare', 'journal policy', 'journal policy done', 'taken', 'exchange: 1', 'judge: true 1'],
      ...['journal policy-reloaded', 'journal policy-reloaded done'],
    ]);
    expect(lineOf(world, 'policy')).toMatchObject({
      text: 'two',
      sha256: sha256('two'),
      why: 'reload',
      part: 1,
      parts: 1,
    });
    expect(lineOf(world, 'policy-reloaded')).toMatchObject({ by: 'root', changed: ['changed: text'], ...ended });
  });

  test('rule 3: judges in the very turn in which the policy is taken', async () => {
    let turn = 0;
    world.deps.policy.onTaken(() => queueMicrotask(() => log.push(`next turn ${(turn += 1)}`)));
    await reload.now('root');
    expect(log.indexOf('judge: true 1')).toBeLessThan(log.indexOf('next turn 1'));
  });

  test('that is the one in force: nothing is done and nothing is written', async () => {
    await reload.now('root');
    const lines = events(world).length;
    expect(await reload.now('root')).toEqual({ state: 'unchanged' });
    expect([events(world).length, log.filter((step) => step === 'prepare').length]).toEqual([lines, 1]);
  });

  test('rule 6: with the same text and another secret it is taken too', async () => {
    await reload.now('root');
    file = { ...other, named: { 'oidc.client_secret_file': 'b' } };
    world.deps.policy.take({ ...other, named: { 'oidc.client_secret_file': 'a' } });
    expect(await reload.now('root')).toMatchObject({
      changes: [{ key: 'oidc.client_secret_file', how: 'content' }],
    });
  });

  test('whose last record cannot be written is taken all the same, and the log says so', async () => {
    const write = world.journal.write.bind(world.journal);
    world.journal.write = async (event, fields) =>
      (event as string) === 'policy-reloaded' ? Promise.reject(new Refused('JOURNAL_DOWN')) : write(event, fields);
    expect(await reload.now('root')).toMatchObject({ state: 'taken' });
    expect(refusals()).toContain('reload-not-journaled');
  });
});

describe('nothing changes', () => {
  const same = (): void => {
    expect([inForce() > 1, log.includes('taken'), log.some((step) => step.startsWith('judge'))]).toEqual([
      ...[true, false, false],
    ]);
  };

  test('rule 1: by a file that is refused; its problems are told, journaled and logged, until another one is taken', async () => {
    const problems = [{ path: 'sessions.x', problem: 'is wrong', line: 3 }];
    file = new ConfigError(problems, '/etc/c.yaml');
    expect(await reload.now('root')).toEqual({
      ...{ state: 'invalid', problems, text: '/etc/c.yaml is refused:\n  line 3, sessions.x: is wrong' },
    });
    same();
    expect(lineOf(world, 'policy-refused')).toMatchObject({
      ...{ by: 'root', why: 'invalid', problems: ['line 3, sessions.x: is wrong'] },
    });
    expect([refusals(), world.deps.policy.refused()]).toEqual([['policy-refused'], 'invalid']);
    file = other;
    await reload.now('root');
    expect(world.deps.policy.refused()).toBeUndefined();
  });

  test('rule 2: by one of which a part needs a restart; nothing of it is taken', async () => {
    const config = configOf({}, { host: 'other-box', request: { answerWithinMs: 1 } });
    file = loadedAs(config, 'two');
    expect(await reload.now('root')).toEqual({ state: 'needs-restart', keys: ['host'] });
    same();
    expect(lineOf(world, 'policy-refused')).toMatchObject({ why: 'needs-restart', problems: ['host'] });
    expect(log).not.toContain('prepare');
  });

  test('rule 3: when something cannot be made from it', async () => {
    prepare = async () => Promise.reject(new Error('/keys/b.jwk holds no public Ed25519 JWK'));
    expect(await reload.now('root')).toMatchObject({ state: 'invalid', text: expect.stringContaining('b.jwk') });
    same();
    expect(events(world)).toEqual(['policy-refused']);
  });

  test('law 7: when the journal takes no record', async () => {
    world.journal.write = async () => Promise.reject(new Refused('JOURNAL_DOWN'));
    expect(await codeOf(reload.now('root'))).toBe('JOURNAL_DOWN');
    same();
    expect(log).not.toContain('exchange: 1');
  });

  test('when the reload fails in a way that nobody thought of', async () => {
    file = new Error('a fault');
    await expect(reload.now('root')).rejects.toThrow('a fault');
    same();
  });
});

test('rule 5: of two at once, the second reads the file after the first is done', async () => {
  const gate = Promise.withResolvers<undefined>();
  prepare = async () => gate.promise.then(() => undefined);
  const both = [reload.now('root'), reload.now('root (alice)')];
  await new Promise(setImmediate);
  const third = loadedAs(configOf({}, { request: { answerWithinMs: 7 } }), 'three');
  file = third;
  gate.resolve(undefined);
  expect((await Promise.all(both)).map(({ state }) => state)).toEqual(['taken', 'taken']);
  expect(inForce()).toBe(7);
  expect(log.filter((step) => step === 'taken')).toHaveLength(2);
});
