// The policy in force (src/keeper/state/policy.ts, stand-in.ts), as `status` shows it (policy-status.ts), and a notifier whose receivers are
// exchanged (notices/exchanged-notifier.ts).
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../../src/adapters/sha256.ts';
import type { Notifier } from '../../../src/adapters/notices/notify.ts';
import { isCurrent } from '../../../src/core/policy.ts';
import type { Config } from '../../../src/core/policy-types.ts';
import { openExchangedNotifier } from '../../../src/keeper/notices/exchanged-notifier.ts';
import { policyPart } from '../../../src/keeper/health/policy-part.ts';
import { openPolicyInForce, type PolicyInForce } from '../../../src/keeper/state/policy.ts';
import { standInFor } from '../../../src/keeper/state/stand-in.ts';
import { configOf, loadedAs, one } from './world.ts';

let folder: string;
let path: string;
let clock: number;
let policy: PolicyInForce;
const open = (config: Config = configOf(), text = 'one'): PolicyInForce =>
  (policy = openPolicyInForce({ path, now: () => clock, sha256 }, loadedAs(config, text)));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-'));
  [path, clock] = [join(folder, 'config.yaml'), 1_000];
  open();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a policy that is taken', () => {
  test('is what every key says from that moment on, also through what was handed out before', () => {
    const { config } = policy;
    const spread = { ...config };
    clock = 2_000;
    policy.take(
      loadedAs(configOf({ runAs: 'dbb' }, { signIn: { lifetimeMs: 1, recheckMs: 2, flow: 'device' } }), 'two'),
    );
    expect([config.signIn.recheckMs, config.sessions['prod-db']?.runAs]).toEqual([2, 'dbb']);
    expect(spread.sessions['prod-db']?.runAs).toBe('dba'); // whoever copies it has a copy
    expect([policy.digest(), policy.since(), policy.taken()]).toEqual([sha256('two'), 2_000, 1]);
    expect([Object.keys(config).includes('oidc'), 'oidc' in config, 'nothing' in config]).toEqual([true, true, false]);
  });

  test('says so in the same turn, when it is in force already', () => {
    const heard: unknown[] = [];
    policy.onTaken(() => heard.push(policy.config.host, policy.taken()));
    policy.take(loadedAs(configOf({}, { host: 'b' })));
    expect(heard).toEqual(['b', 1]);
  });

  test('keeps what says the same as the same object, for each key and each session, and nothing else', () => {
    const two = { ...one, name: 'prod-two' };
    const sessions = Object.assign(Object.create(null) as object, { 'prod-db': one, 'prod-two': two });
    open(configOf({}, { sessions }));
    const { oidc, signIn } = policy.config;
    const after = configOf({}, { sessions: { 'prod-db': { ...one }, 'prod-two': { ...two, runAs: 'x' } } });
    policy.take(loadedAs({ ...after, signIn: { lifetimeMs: 1, recheckMs: 1, flow: 'device' } }));
    expect([policy.config.oidc === oidc, policy.config.signIn === signIn]).toEqual([true, false]);
    expect([isCurrent(policy.config, one), isCurrent(policy.config, two)]).toEqual([true, false]);
    policy.take(loadedAs(configOf({}, { sessions: {} })));
    expect(isCurrent(policy.config, one)).toBe(false);
  });

  test('cannot be changed by whoever reads it', () => {
    expect(() => Object.assign(policy.config, { host: 'evil' })).toThrow(TypeError);
  });
});

describe('the file of the policy, in `status`', () => {
  const part = async (refused?: 'invalid' | 'needs-restart') => {
    policy.noteRefused(refused);
    return policyPart(policy);
  };

  test('is the same, is another one, cannot be read', async () => {
    expect([await policy.onDisk(), (await part()).level]).toEqual(['unreadable', 'warn']);
    writeFileSync(path, 'one');
    expect(await part()).toEqual({ name: 'policy', level: 'ok', detail: 'in force since 1970-01-01 00:00:01 UTC' });
    expect(await policy.onDisk()).toBe('same');
    writeFileSync(path, 'two, longer');
    expect(await part()).toMatchObject({ level: 'ok', detail: expect.stringContaining('file differs') });
    writeFileSync(path, 'x'.repeat(300_000));
    expect(await policy.onDisk()).toBe('other');
  });

  test('is a warning where a reload refused it: no keeper would start', async () => {
    writeFileSync(path, 'two');
    expect(await part('invalid')).toMatchObject({ level: 'warn', fix: 'tmux-gate policy check' });
    expect(await part('needs-restart')).toMatchObject({
      level: 'ok',
      detail: expect.stringContaining('file needs a restart'),
    });
  });
});

test('a stand-in calls what is current, as its own method', () => {
  class Counter {
    #count = 0;
    next(): number {
      return ++this.#count;
    }
  }
  let current = new Counter();
  const standIn = standInFor(() => current);
  expect([standIn.next(), standIn.next()]).toEqual([1, 2]);
  current = new Counter();
  expect(standIn.next()).toBe(1);
});

describe('receivers of notices that are exchanged', () => {
  const notifier = (name: string, log: string[], rest = Promise.resolve()): Notifier => ({
    send: ({ event }) => void log.push(`${name} ${event}`),
    close: async (signal) => {
      log.push(`${name} closes`);
      signal.addEventListener('abort', () => log.push(`${name} drops`));
      await rest;
    },
  });

  test('what is queued for the old ones goes on, and new notices go to the new ones', () => {
    const log: string[] = [];
    const exchanged = openExchangedNotifier(notifier('old', log));
    exchanged.send({ event: 'granted', host: 'b' });
    exchanged.use(notifier('new', log));
    exchanged.send({ event: 'revoked', host: 'b' });
    expect(log).toEqual(['old granted', 'old closes', 'new revoked']);
  });

  test('a stop waits for both, and drops what is left of both', async () => {
    const log: string[] = [];
    const rest = Promise.withResolvers<undefined>();
    const exchanged = openExchangedNotifier(notifier('old', log, rest.promise));
    exchanged.use(notifier('new', log));
    const stop = new AbortController();
    const closed = exchanged.close(stop.signal).then(() => log.push('closed'));
    stop.abort();
    expect(log.toSorted()).toEqual(['new closes', 'new drops', 'old closes', 'old drops']);
    rest.resolve(undefined);
    await closed;
    expect(log.at(-1)).toBe('closed');
    await exchanged.close(AbortSignal.abort());
  });
});
