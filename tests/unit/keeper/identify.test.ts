// Who somebody is, as far as it needs no account of the system (src/keeper/identity): the owner of a login, and remembered sign-ins.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { DeviceLogin, SignedIn } from '../../../src/adapters/oidc.ts';
import type { Identity } from '../../../src/core/identity.ts';
import type { Config } from '../../../src/core/policy-types.ts';
import type { Person } from '../../../src/core/request.ts';
import type { SignIn } from '../../../src/core/sign-in.ts';
import { hour } from '../../../src/core/time.ts';
import type { Conversation } from '../../../src/keeper/conversation.ts';
import { actorOf } from '../../../src/keeper/identity/actor.ts';
import { checkOwner } from '../../../src/keeper/identity/check-owner.ts';
import { forgetSignIns } from '../../../src/keeper/identity/forget-sign-ins.ts';
import {
  identify,
  isOfThisVisit,
  reauthenticate,
  remembered,
  requireSignIn,
  revalidateSignIn,
} from '../../../src/keeper/identity/identify.ts';
import { readerOf, type Visitor } from '../../../src/keeper/identity/visitor.ts';
import type { Hello } from '../../../src/wire/messages.ts';
import { protocolVersion } from '../../../src/wire/messages.ts';
import { alice, began, bob, codeOf, configOf, events, host, lineOf, loadedAs, openWorld } from './world.ts';
import type { World } from './world.ts';

let world: World;
let screen: string[];
/** Who completes the next sign-in at the provider. */
let signsIn: SignedIn;
let asked: number;

const hello: Hello = {
  ...{ t: 'hello', v: protocolVersion, kind: 'visit', uid: 1001, login: 'alice', pid: 7, command: '', tty: true },
  ...{ cols: 80, rows: 24, term: 'xterm', utf8: true, address: '10.0.0.7', auth: '' },
};
const visitor: Visitor = {
  ...{ hello, login: 'alice', uid: 1001, address: '10.0.0.7', fingerprint: 'SHA256:x', local: false },
};
const root: Visitor = { ...visitor, login: 'root', uid: 0, fingerprint: '', local: true };

const identityOf = (who: Person, change: object = {}): Identity =>
  ({ ...who, login: undefined, groups: ['engineers'], issuedAt: began, ...change }) as unknown as Identity;

const conversation = {
  note: (lines: readonly string[]) => void screen.push(...lines),
  wait: async (_text: string, _until: number | undefined, task: (signal: AbortSignal) => Promise<unknown>) =>
    task(new AbortController().signal),
} as unknown as Conversation;

function depsOf(opened: World) {
  const login: DeviceLogin = {
    ...{ uri: 'https://id.example.com/device', uriComplete: undefined, code: 'WDJB-MJHT', expiresAt: began + 60_000 },
    complete: async () => Promise.resolve(signsIn),
  };
  const provider = {
    begin: async () => Promise.resolve(void (asked += 1)).then(() => login),
    beginByLink: async () => Promise.reject(new Error('not asked here')),
    recheck: async () => Promise.reject(new Error('not asked here')),
    ping: async () => Promise.resolve(),
  };
  const met: string[] = [];
  const recentUsers = { met: (who: { login: string }) => void met.push(who.login), of: () => [] };
  return { ...opened.deps, provider, recentUsers, met };
}
let deps: ReturnType<typeof depsOf>;

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  world = openWorld();
  deps = depsOf(world);
  [screen, asked, signsIn] = [[], 0, { identity: identityOf(alice), refreshToken: 'r1' }];
});
afterEach(() => {
  world.close();
  jest.useRealTimers();
});

describe('a policy that is taken during a sign-in', () => {
  const during = async (next: Config): Promise<string> => {
    const wait = (async (
      _text: string,
      _until: number | undefined,
      task: (signal: AbortSignal) => Promise<unknown>,
    ) => {
      deps.policy.take(loadedAs(next));
      return task(new AbortController().signal);
    }) as Conversation['wait'];
    return codeOf(requireSignIn(deps, { ...conversation, wait }, visitor));
  };

  test('and says something else of the provider: the sign-in counts no more, and pins nothing', async () => {
    const config = configOf();
    const oidc = { ...config.oidc, issuer: 'https://other.example.com' };
    expect(await during({ ...config, oidc })).toBe('CHANGED_MEANWHILE');
    expect([deps.pins.logins(), events(world)]).toEqual([[], []]);
  });

  test('and says the same of it: the sign-in goes on', async () => {
    expect(await during(configOf({ runAs: 'dbb' }))).toBe('not refused');
  });
});

describe('law 2: whose login it is', () => {
  test('an identity that maps to another login is refused, and pins nothing', async () => {
    expect(await codeOf(checkOwner(deps, 'alice', identityOf(bob)))).toBe('NOT_THIS_LOGIN');
    expect([deps.pins.logins(), events(world)]).toEqual([[], []]);
  });

  test('the first sign-in pins issuer and subject, written down first; another subject is refused from then on', async () => {
    await checkOwner(deps, 'alice', identityOf(alice));
    expect(lineOf(world, 'pinned')).toMatchObject({ login: 'alice', subject: 'u-alice' });
    await checkOwner(deps, 'alice', identityOf(alice));
    expect(events(world)).toEqual(['pinned']);
    expect(await codeOf(checkOwner(deps, 'alice', identityOf(alice, { subject: 'reused' })))).toBe('PIN_MISMATCH');
  });

  test('of two who come as a new login at once one is pinned and the other refused', async () => {
    const both = [identityOf(alice), identityOf(alice, { subject: 'other' })];
    expect(await Promise.all(both.map(async (who) => codeOf(checkOwner(deps, 'alice', who))))).toEqual([
      'not refused',
      'PIN_MISMATCH',
    ]);
  });

  test('what the journal does not take is not pinned', async () => {
    world.journal.full = true;
    expect(await codeOf(checkOwner(deps, 'alice', identityOf(alice)))).toBe('JOURNAL_DOWN');
    expect(deps.pins.logins()).toEqual([]);
  });
});

describe('a hello', () => {
  test('of another version, or a local one that is not root’s, is refused', async () => {
    expect(await codeOf(identify(deps, { ...hello, v: protocolVersion + 1 }))).toBe('PROTOCOL');
    expect(await codeOf(identify(deps, { ...hello, kind: 'local' }))).toBe('NOT_BY_SUDO');
  });

  test('of root on the host itself names nobody', async () => {
    for (const loginuid of [{}, { loginuid: 0 }])
      expect(await identify(deps, { ...hello, kind: 'local', uid: 0, ...loginuid })).toMatchObject({
        ...{ login: 'root', uid: 0, local: true, fingerprint: '' },
      });
    expect(readerOf(deps, root)).toEqual({ host, local: true });
  });
});

describe('a sign-in', () => {
  test('is asked for once, written down, told, and remembered for this login and key', async () => {
    const first = await requireSignIn(deps, conversation, visitor);
    expect(lineOf(world, 'sign-in')).toMatchObject({ login: 'alice', claimed: { fingerprint: 'SHA256:x' } });
    expect(world.notices).toMatchObject([{ event: 'signed-in', login: 'alice', identity: 'alice@example.com' }]);
    expect(screen.join('\n')).toContain('Code  WDJB-MJHT');
    expect([isOfThisVisit(deps, first), deps.rechecks, deps.met]).toMatchObject([
      true,
      { kept: ['alice r1'] },
      ['alice'],
    ]);
    const again = await requireSignIn(deps, conversation, visitor);
    expect([asked, again.subject, isOfThisVisit(deps, again)]).toEqual([1, 'u-alice', false]);
  });

  test('without a key’s fingerprint is not remembered', async () => {
    await requireSignIn(deps, conversation, { ...visitor, fingerprint: '' });
    expect(world.store.signIns.size).toBe(0);
  });

  test('of somebody else is refused, and so is that of a login that was locked meanwhile', async () => {
    signsIn = { identity: identityOf(bob) };
    expect(await codeOf(requireSignIn(deps, conversation, visitor))).toBe('NOT_THIS_LOGIN');
    signsIn = { identity: identityOf(alice) };
    const lock = { target: 'alice', number: 1, locked: true, by: 'bob', reason: 'leaving', at: began };
    await deps.locks.take({ lock, jws: '' });
    expect(await codeOf(requireSignIn(deps, conversation, visitor))).toBe('LOCKED');
    expect(events(world)).toEqual([]);
  });

  test('is one of four of a login that wait at once', async () => {
    const wait = Promise.withResolvers<undefined>();
    const waiting = [1, 2, 3, 4].map(async () => deps.waitingSignIns.run('alice', async () => wait.promise));
    expect(await codeOf(requireSignIn(deps, conversation, visitor))).toBe('MANY_SIGN_INS');
    wait.resolve(undefined);
    await Promise.all(waiting);
    expect(await codeOf(requireSignIn(deps, conversation, visitor))).toBe('not refused');
  });

  test('whose groups have a form that nobody expected, or are missing, is logged; and one without a refresh token', async () => {
    signsIn = { ...signsIn, identity: identityOf(alice, { groups: [], unreadGroups: 'number' }) };
    await requireSignIn(deps, conversation, visitor);
    signsIn = { identity: identityOf(alice, { groups: [], lacksGroups: true }) };
    await deps.store.forgetSignIns(host, 'alice');
    await requireSignIn(deps, conversation, visitor);
    expect(world.deps.log.said).toEqual([
      { event: 'groups-not-understood', login: 'alice', claim: 'groups', form: 'number' },
      { event: 'groups-not-sent', login: 'alice', claim: 'groups' },
      { event: 'no-refresh-token', login: 'alice' },
    ]);
    expect(world.journal.lines.filter(({ event }) => event === 'sign-in')).toEqual([
      expect.not.objectContaining({ noRecheck: true }),
      expect.objectContaining({ lacksGroups: true, noRecheck: true }),
    ]);
  });
});

describe('a remembered sign-in', () => {
  let first: SignIn;
  const groupsNow = async (): Promise<readonly string[]> => (await requireSignIn(deps, conversation, visitor)).groups;
  beforeEach(async () => void (first = await requireSignIn(deps, conversation, visitor)));

  test('serves this login and key, until it is over', async () => {
    expect(await remembered(deps, { ...visitor, fingerprint: 'SHA256:y' })).toBeUndefined();
    expect((await remembered(deps, visitor))?.subject).toBe('u-alice');
    jest.setSystemTime(began + 8 * hour);
    expect(await remembered(deps, visitor)).toBeUndefined();
  });

  test('that a peer signed, or whose pin is another or gone, is none', async () => {
    const [name, jws] = [...world.store.signIns][0]!;
    world.store.signIns.set(name, jws.replace(`"host":"${host}"`, '"host":"peer-box"'));
    expect(await remembered(deps, visitor)).toBeUndefined();
    world.store.signIns.set(name, jws);
    await deps.pins.set('alice', { issuer: alice.issuer, subject: 'other' });
    expect(await remembered(deps, visitor)).toBeUndefined();
    await deps.pins.remove('alice');
    expect(await remembered(deps, visitor)).toBeUndefined();
  });

  test('that was withdrawn does not come back with a restored Redis', async () => {
    const before = new Map(world.store.signIns);
    expect(await forgetSignIns(deps, 'alice')).toBe(1);
    for (const [name, jws] of before) world.store.signIns.set(name, jws);
    expect(await remembered(deps, visitor)).toBeUndefined();
  });

  test('is withdrawn while Redis does not answer', async () => {
    world.store.down = true;
    expect(await forgetSignIns(deps, 'alice')).toBe(0);
    world.store.down = false;
    expect(await remembered(deps, visitor)).toBeUndefined();
  });

  test('has the groups that the provider names now, and those of before where it does not say', async () => {
    expect(await groupsNow()).toEqual(['engineers']);
    world.groups.set('alice', ['interns']);
    expect(await groupsNow()).toEqual(['interns']);
  });

  test('whose person is gone is asked for anew', async () => {
    world.groups.set('alice', 'gone');
    await groupsNow();
    expect(asked).toBe(2);
  });

  test('is held against the provider before somebody is woken, unless it is of this visit', async () => {
    world.groups.set('alice', ['interns']);
    expect((await revalidateSignIn(deps, conversation, visitor, first)).groups).toEqual(['engineers']);
    const old = { ...first };
    expect((await revalidateSignIn(deps, conversation, visitor, old)).groups).toEqual(['interns']);
    world.groups.delete('alice');
    expect((await revalidateSignIn(deps, conversation, visitor, old)).groups).toEqual(['engineers']);
    world.groups.set('alice', 'gone');
    await revalidateSignIn(deps, conversation, visitor, old);
    expect(asked).toBe(2);
  });
});

describe('a proof for a review', () => {
  test('that is older than the review is refused', async () => {
    jest.setSystemTime(began + 1_999);
    expect(await codeOf(reauthenticate(deps, conversation, visitor, 'approve'))).toBe('TOKEN_REFUSED');
    expect(events(world)).not.toContain('proved-anew');
    signsIn = { identity: identityOf(alice, { issuedAt: began + 1_000 }) };
    expect((await reauthenticate(deps, conversation, visitor, 'approve')).subject).toBe('u-alice');
    expect(lineOf(world, 'proved-anew')).toMatchObject({ purpose: 'approve', login: 'alice' });
  });
});

test('the invitation shows a QR code only where a picture fits and is wanted', async () => {
  const shown = async (change: Partial<Hello>): Promise<number> => {
    screen = [];
    await requireSignIn(deps, conversation, { ...visitor, fingerprint: '', hello: { ...hello, ...change } });
    return screen.length;
  };
  const without = await shown({ tty: false });
  expect(await shown({ rows: 60, cols: 120 })).toBeGreaterThan(without + 8);
  expect(await shown({ rows: 60, cols: 120, plain: true })).toBe(without);
  expect(await shown({ rows: 60, cols: 10 })).toBeLessThan(without + 2);
});

test('an actor is root by name, or a person who signs in', async () => {
  world.onDuty.set('primary', ['bob']);
  expect(await actorOf(deps, conversation, root)).toMatchObject({ person: undefined, name: 'root' });
  expect((await actorOf(deps, conversation, { ...root, login: 'bob' })).name).toBe('root (bob)');
  const came = await actorOf(deps, conversation, visitor);
  expect([came.name, [...came.duty.named.keys()]]).toEqual(['alice (alice@example.com)', ['primary']]);
});
