// Taking a grant back, reading grants, and what follows from an end (src/keeper/grants).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { signInOf, type SignIn } from '../../../src/core/sign-in.ts';
import type { Identity } from '../../../src/core/identity.ts';
import { hour, minute } from '../../../src/core/time.ts';
import { liveGrant } from '../../../src/keeper/grants/live-grant-of.ts';
import { brokenIn, readGrants } from '../../../src/keeper/grants/read-grants.ts';
import { readRequests } from '../../../src/keeper/grants/read-requests.ts';
import { addRevokedTombstone, revokeAgain, revokeHere, revokeThere } from '../../../src/keeper/grants/revoke.ts';
import { signedBy } from './fakes.ts';
import { alice, ask, began, codeOf, configOf, events, granted, host, lineOf, openWorld, type World } from './world.ts';

let world: World;
const by = { by: 'bob', reason: 'enough' };
const here = { host, session: 'prod-db', login: 'alice' };
const signIn: SignIn = signInOf({ ...alice, groups: ['engineers'], issuedAt: began } as unknown as Identity, {
  ...{ login: 'alice', host, fingerprint: 'SHA256:x', at: began, until: began + hour },
});

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  world = openWorld();
});
afterEach(() => {
  world.close();
  jest.useRealTimers();
});

describe('law 5: a grant that is revoked here', () => {
  test('is buried and written down before its key goes, and is not live', async () => {
    const steps: string[] = [];
    world = openWorld({ pause: async (step) => Promise.resolve(void steps.push(step)) });
    const grant = await granted(world);
    steps.length = 0;
    await revokeHere(world.deps, grant, by);
    const order = ['outbox revoked', 'tombstone', 'journal revoked', 'store.revoke'].map((step) => steps.indexOf(step));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
    expect([world.deps.liveGrants.all(), world.store.grants.size, world.tombstones.has('G0')]).toEqual([[], 0, true]);
    expect(lineOf(world, 'revoked')).toMatchObject({ grant: 'G0', login: 'alice', by: 'bob', reason: 'enough' });
    expect(world.ended).toEqual(['prod-db of alice']);
  });

  test('ends all the same where neither tombstone nor record can be written, and the refusal says so', async () => {
    const grant = await granted(world);
    world.tombstones.full = true;
    expect(await codeOf(revokeHere(world.deps, grant, by))).toBe('DISK_DOWN');
    expect(world.deps.liveGrants.all()).toEqual([]);
    const second = await granted(world, { id: 'G1' });
    [world.tombstones.full, world.journal.full] = [false, true];
    expect(await codeOf(revokeHere(world.deps, second, by))).toBe('JOURNAL_DOWN');
    expect([world.deps.liveGrants.all(), world.tombstones.has('G1')]).toEqual([[], true]);
  });

  test('stays away while Redis does not answer, also when its key is read later', async () => {
    const grant = await granted(world);
    world.store.down = true;
    await revokeHere(world.deps, grant, by);
    world.store.down = false;
    expect(world.deps.log.said.map(({ event }) => event)).toContain('revoke-not-in-store');
    expect(world.store.grants.size).toBe(1);
    expect(await readGrants(world.deps, here)).toEqual([]);
  });

  test('that no keeper knew to be live does not become live', async () => {
    const grant = { ...(await granted(world)), id: 'G7' };
    await revokeHere(world.deps, grant, { ...by, reason: '' });
    world.deps.liveGrants.add({ grant, keyEnd: grant.end });
    expect(world.deps.liveGrants.find('G7')).toBeUndefined();
  });

  test('whose time is over needs no tombstone', async () => {
    const grant = await granted(world, { end: began });
    await revokeHere(world.deps, grant, by);
    expect(world.tombstones.has('G0')).toBe(false);
  });
});

describe('a revocation between hosts', () => {
  test('takes the key away, and says whether the other host confirmed', async () => {
    const grant = await granted(world, { host: 'peer-box' });
    const confirmed = revokeThere(world.deps, grant, by);
    await new Promise(setImmediate);
    world.deps.peerConfirmations.give('peer-box', 'other');
    world.deps.peerConfirmations.give('peer-box', 'G0');
    expect(await confirmed).toEqual({ confirmed: true, copies: undefined });
    expect(lineOf(world, 'revoked')).toMatchObject({ grant: 'G0', on: 'peer-box' });
  });

  test('is told again while the key is there, and without an answer in five seconds is not confirmed', async () => {
    const grant = await granted(world, { host: 'peer-box' });
    const key = ['peer-box', 'prod-db', 'alice', 'G0'].join(':');
    const entry = { host: 'peer-box', session: 'prod-db', login: 'alice', grantId: 'G0', jws: '', end: grant.end };
    const confirmed = revokeThere(world.deps, grant, by);
    await new Promise(setImmediate);
    jest.advanceTimersByTime(5_000);
    expect(await confirmed).toEqual({ confirmed: false, copies: undefined });
    world.store.grants.set(key, entry);
    await revokeAgain(world.deps);
    expect(world.store.grants.has(key)).toBe(false);
    await revokeAgain(world.deps);
  });

  test('says what could not be written, and takes the key away all the same', async () => {
    const grant = await granted(world, { host: 'peer-box' });
    world.journal.full = true;
    const confirmed = codeOf(revokeThere(world.deps, grant, by));
    await new Promise(setImmediate);
    world.deps.peerConfirmations.give('peer-box', 'G0');
    expect(await confirmed).toBe('JOURNAL_DOWN');
  });

  test('that another host signed buries a grant that nobody here has used yet, once, and until its end', async () => {
    const revoked = { grantId: 'G5', ...here, end: began + minute };
    await addRevokedTombstone(world.deps, undefined);
    await addRevokedTombstone(world.deps, { ...revoked, end: began });
    expect(events(world)).toEqual([]);
    await addRevokedTombstone(world.deps, revoked);
    await addRevokedTombstone(world.deps, revoked);
    expect([events(world), world.tombstones.has('G5')]).toEqual([['revoked'], true]);
    world.journal.full = true;
    expect(await codeOf(addRevokedTombstone(world.deps, { ...revoked, grantId: 'G6' }))).toBe('JOURNAL_DOWN');
  });
});

describe('law 8: a grant that is read from the store', () => {
  test('opens with this host’s signature, before its end, unburied, and on the terms of the policy', async () => {
    await granted(world);
    expect(await readGrants(world.deps, here)).toHaveLength(1);
    const [key, entry] = [...world.store.grants][0]!;
    const say = (change: object, from = host, kind = 'grant'): void => {
      const { payload } = JSON.parse(entry.jws) as { payload: object };
      world.store.grants.set(key, { ...entry, jws: signedBy(from, kind, { ...payload, ...change }) });
    };
    for (const wrong of [() => say({}, 'peer-box'), () => say({}, host, 'review'), () => say({ id: 7 })]) {
      wrong();
      expect(await readGrants(world.deps, here)).toEqual([]);
    }
    for (const change of [{ terms: 'root shared none' }, { end: began }]) {
      say(change);
      expect(await readGrants(world.deps, here)).toEqual([]);
    }
    say({ session: 'gone', terms: 'root shared none' });
    expect(await readGrants(world.deps, here)).toHaveLength(1);
    say({});
    await world.tombstones.add('G0', began + hour);
    expect(await readGrants(world.deps, here)).toEqual([]);
  });

  test('lets in its own person alone, for what it is for, while the clocks agree', async () => {
    await granted(world);
    expect((await liveGrant(world.deps, signIn, 'prod-db', 'type'))?.grant.id).toBe('G0');
    expect(await liveGrant(world.deps, { ...signIn, subject: 'x' }, 'prod-db', 'type')).toBeUndefined();
    expect(await liveGrant(world.deps, signIn, 'prod-log', 'type')).toBeUndefined();
    world.store.skewMs = 6_000;
    expect(await codeOf(liveGrant(world.deps, signIn, 'prod-db', 'type'))).toBe('CLOCK_SKEW');
  });

  test('to look on lets nobody type', async () => {
    await granted(world, { mode: 'view' });
    expect(await liveGrant(world.deps, signIn, 'prod-db', 'type')).toBeUndefined();
    expect((await liveGrant(world.deps, signIn, 'prod-db', 'view'))?.grant.id).toBe('G0');
  });

  test('lets nobody in by what is live here alone', async () => {
    await granted(world);
    world.store.grants.clear();
    expect(await liveGrant(world.deps, signIn, 'prod-db', 'type')).toBeUndefined();
  });

  test('requests that wait are those that a host of this gate signed', async () => {
    const { facts } = await ask(world);
    world.store.requests.set('R2', { jws: 'forged', state: 'pending', until: Infinity, reviews: new Map() });
    expect((await readRequests(world.deps)).map((read) => read.facts.id)).toEqual([facts.id]);
  });

  test('what break-glass opened is not in the store', async () => {
    await granted(world);
    expect(brokenIn(world.deps)).toEqual([]);
    await granted(world, { id: 'G1', who: { ...alice, issuer: 'break-glass' } });
    expect(brokenIn(world.deps).map(({ grant }) => grant.id)).toEqual(['G1']);
  });
});

describe('the end of a grant', () => {
  test('by its window is written down and told, and the session ends unless another grant keeps it', async () => {
    await granted(world);
    jest.advanceTimersByTime(20 * minute);
    await world.ends.finished();
    expect(lineOf(world, 'grant-ended')).toMatchObject({ grant: 'G0', why: 'expired' });
    expect(world.notices).toMatchObject([{ event: 'ended', why: 'expired' }]);
    expect(world.ended).toEqual(['prod-db of alice']);
    expect(world.tombstones.has('G0')).toBe(false);
    expect(world.deps.outbox.all()).toEqual([]);
  });

  test('by the boot clock alone buries it, since its signature still looks open', async () => {
    await granted(world);
    world.clocks.boot = hour;
    jest.advanceTimersByTime(2_000);
    await world.ends.finished();
    expect(world.tombstones.has('G0')).toBe(true);
  });

  test('that cannot be buried is logged, and is an end all the same', async () => {
    await granted(world);
    [world.clocks.boot, world.tombstones.full] = [hour, true];
    jest.advanceTimersByTime(2_000);
    await world.ends.finished();
    expect(world.deps.log.said.map(({ event }) => event)).toContain('not-buried');
    expect(lineOf(world, 'grant-ended')).toBeDefined();
  });

  test('by a revocation is told to others as one, and its extension that waits lapses', async () => {
    const grant = await granted(world);
    await ask(world, { extends: { grant: 'G0', until: began } });
    await revokeHere(world.deps, grant, by);
    await world.ends.finished();
    expect(world.notices.map(({ event }) => event)).toEqual(['revoked', 'lapsed']);
    expect(world.notices[0]?.why).toContain('revoked by bob');
    expect(lineOf(world, 'lapsed')).toMatchObject({ code: 'EXTENSION_LATE' });
  });

  test('that fails in part is written down', async () => {
    world = openWorld({ config: configOf() });
    world.deps.sessions.endUnlessKept = async () => Promise.reject(new Error('stuck'));
    await granted(world);
    world.deps.liveGrants.remove('G0', 'withdrawn', '');
    await world.ends.finished();
    expect(events(world)).toContain('end-failed');
    expect(world.deps.log.said.map(({ event }) => event)).toContain('end-failed');
  });
});
