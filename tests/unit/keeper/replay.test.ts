// The verb `replay ID --follow`: who may, what is written first, what ends it. The thread that draws is a fake.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import type { Person } from '../../../src/core/request.ts';
import { signInOf } from '../../../src/core/sign-in.ts';
import type { Identity } from '../../../src/core/identity.ts';
import { hour, minute } from '../../../src/core/time.ts';
import type { Context } from '../../../src/keeper/context.ts';
import type { Conversation } from '../../../src/keeper/conversation.ts';
import type { Visitor } from '../../../src/keeper/identity/visitor.ts';
import { openDrawings, type Drawing } from '../../../src/keeper/recordings/drawing.ts';
import type { DrawTask } from '../../../src/keeper/recordings/drawer.ts';
import { replay } from '../../../src/keeper/verbs/replay.ts';
import { parseCommand, type Command } from '../../../src/wire/grammar.ts';
import type { Hello, Shown } from '../../../src/wire/messages.ts';
import { signedBy } from './fakes.ts';
import { connect } from './connected.ts';
import { alice, began, bob, carol, codeOf, configOf, host, lineOf, openWorld, type World } from './world.ts';

const hello = {
  ...{ t: 'hello', v: 1, kind: 'visit', uid: 1003, login: 'carol', pid: 7, command: '', tty: true },
  ...{ cols: 80, rows: 24, term: 'xterm', utf8: true, address: '10.0.0.9', auth: '' },
} as const satisfies Hello;
const id = 'AZPT0Y3FCS';
const typed = 'replay azpt0y3fcs --follow --reason INC-7 audit';

let world: World;
/** What happened, in its order. */
let told: string[];
let task: DrawTask | undefined;
let take: (part: string) => void;
let hearShown: (shown: Shown) => void;
let hearKey: (key: { t: 'leave' }) => void;
let gone: AbortController;
let over: PromiseWithResolvers<undefined>;

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  const signIn = { lifetimeMs: 8 * hour, recheckMs: 4 * hour, flow: 'device' } as const;
  world = openWorld({ config: configOf({ auditors: { groups: ['audit'] } }, { signIn }) });
  [told, task, gone, over] = [[], undefined, new AbortController(), Promise.withResolvers<undefined>()];
});
afterEach(() => {
  world.close();
  jest.useRealTimers();
});

const conversation = (): Conversation =>
  ({
    gone: gone.signal,
    out: (lines: readonly string[]) => void told.push(`out ${lines.join()}`),
    ask: async () => Promise.resolve(told.push('asked') > 0 ? ' why not ' : ''),
    picture: (text: string) => void told.push(`picture ${text}`),
    onShown: (hear: typeof hearShown) => (hearShown = hear),
    onKey: (hear: typeof hearKey) => (hearKey = hear),
    taken: async () => Promise.resolve(),
  }) as unknown as Conversation;

function contextOf(): Context {
  const { deps } = world;
  const drawing: Drawing = {
    ready: ({ cols, rows }) => void told.push(`ready ${cols}x${rows}`),
    over: over.promise,
    stop: async () => Promise.resolve(told.push('stopped')),
  };
  const drawings = {
    ...openDrawings({ host, layout: { programs: '' } }),
    begin: (asked: DrawTask, hear: (part: string) => void) => {
      [task, take] = [asked, hear];
      told.push(`began after ${world.journal.lines.map(({ event }) => event).join()}`);
      return drawing;
    },
  };
  const termFor = async (term: string) => Promise.resolve(term === 'dumb' ? undefined : term);
  return { ...deps, drawings, terminfo: { termFor } } as unknown as Context;
}

/** Somebody with a remembered sign-in in these groups types a command. */
async function types(
  who: Person,
  groups: readonly string[],
  text = typed,
  more: Partial<Hello> = {},
): Promise<unknown> {
  const identity = { ...who, groups, issuedAt: began } as unknown as Identity;
  const fingerprint = 'SHA256:x';
  const signIn = signInOf(identity, { login: who.login, host, fingerprint, at: began, until: began + 8 * hour });
  const of = { host, login: who.login, fingerprint };
  await world.store.rememberSignIn(of, signedBy(host, 'sign-in', signIn), signIn.until);
  await world.deps.pins.set(who.login, who);
  const visitor = { hello: { ...hello, ...more }, login: who.login, address: '', fingerprint, local: false };
  const { command } = parseCommand(text) as { command: Command };
  return replay(contextOf(), conversation(), visitor as unknown as Visitor, command);
}

/** Lets this time pass for the keeper: milliseconds. */
const settle = async (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
/** Waits until it has begun to draw. */
const drawn = async (): Promise<void> => {
  for (let turns = 0; task === undefined; turns += 1) {
    if (turns > 10_000) throw new Error('it did not begin to draw');
    await turn();
  }
};

test('law 7: the journal has who, what and why before anything is drawn', async () => {
  connect(world, alice, { id, recording: `/r/2026-11-28/${id}.cast` });
  const following = types(carol, ['audit']);
  await drawn();
  expect(told).toEqual(['began after recording-read']);
  expect(lineOf(world, 'recording-read')).toEqual({
    ...{ event: 'recording-read', what: 'follow', connection: id, by: 'carol (carol@example.com)' },
    ...{ reason: 'INC-7 audit', rule: 'sessions.prod-db.auditors.groups: audit' },
  });
  expect(task).toMatchObject({
    base: `/r/2026-11-28/${id}`,
    title: `alice@prod-db ${id}`,
    size: { cols: 80, rows: 24 },
  });
  hearKey({ t: 'leave' });
  await following;
  expect(told.at(-1)).toBe('stopped');
});

test('law 7: a journal that cannot be written shows nothing', async () => {
  connect(world, alice, { id });
  world.journal.full = true;
  expect(await codeOf(types(carol, ['audit']))).toBe('JOURNAL_DOWN');
  expect(told).toEqual([]);
});

test('without a reason it is asked for; an empty one is refused, and an unfit terminal', async () => {
  connect(world, alice, { id });
  const following = types(carol, ['audit'], `replay ${id} --follow`);
  await drawn();
  expect(told[0]).toBe('asked');
  expect(lineOf(world, 'recording-read')).toMatchObject({ reason: 'why not' });
  hearKey({ t: 'leave' });
  await following;
  expect(await codeOf(types(carol, ['audit'], `replay ${id} --follow --reason `))).toBe('FOLLOW_REASON');
  expect(await codeOf(types(carol, ['audit'], `replay ${id}`))).toBe('FOLLOW_ONLY');
  expect(await codeOf(types(carol, ['audit'], typed, { tty: false }))).toBe('FOLLOW_TERMINAL');
});

describe('who may', () => {
  test('nobody whom auditors do not name, not even an approver of it', async () => {
    connect(world, alice, { id });
    for (const groups of [[], ['engineers'], ['oncall', 'leads']])
      expect(await codeOf(types(bob, groups))).toBe('NOT_AUDITOR');
  });

  test('an auditor is told the same of what is not there, of what has not begun, and of what they may not follow', async () => {
    const refused: unknown[] = [];
    const tries = async (): Promise<void> =>
      void refused.push(
        await types(carol, ['audit'], `replay ${id} --follow --reason x`).catch((error: unknown) => error),
      );
    await tries();
    const { connection } = connect(world, alice, { id, entered: false });
    await tries();
    connection.entered = true;
    connection.state = { ...connection.state, session: 'of-no-policy' };
    await tries();
    for (const one of refused) expect(one).toMatchObject({ code: 'NOT_FOLLOWED', names: { host, connection: id } });
    expect(refused.length).toBe(3);
  });

  test('law 3: nobody their own connection, by login, by subject, or by the pin of a break-glass login', async () => {
    const { connection } = connect(world, carol, { id });
    expect(await codeOf(types(carol, ['audit']))).toBe('OWN_CONNECTION');
    connection.state = { ...connection.state, who: { ...carol, login: 'twin' } };
    expect(await codeOf(types(carol, ['audit']))).toBe('OWN_CONNECTION');
    connection.state = {
      ...connection.state,
      who: { issuer: 'break-glass', subject: 'x', login: 'twin', claim: 'twin' },
    };
    await world.deps.pins.set('twin', carol);
    expect(await codeOf(types(carol, ['audit']))).toBe('OWN_CONNECTION');
  });

  test('not over the keeper for root, who reads the file on the host', async () => {
    const visitor = { hello, login: 'root', local: true } as unknown as Visitor;
    const { command } = parseCommand(typed) as { command: Command };
    expect(await codeOf(replay(contextOf(), conversation(), visitor, command))).toBe('SSH_ONLY');
  });
});

describe('while somebody follows', () => {
  let following: Promise<unknown>;
  beforeEach(async () => {
    connect(world, alice, { id });
    following = types(carol, ['audit']);
    following.catch(() => undefined);
    await drawn();
  });
  const code = async (): Promise<string> => codeOf(following);

  test('a part goes out, and the thread hears of the terminal when it was taken', async () => {
    take('one');
    hearShown({ t: 'shown', cols: 100, rows: 30 });
    await turn();
    over.resolve(undefined);
    await following;
    expect(told.slice(1)).toEqual(['picture one', 'ready 100x30', `out The connection ${id} has ended.`, 'stopped']);
  });

  test('a thread that fails, or a line that is lost, ends it', async () => {
    over.reject(new Error('damaged'));
    expect(await code()).toBe('FOLLOW_FAILED');
    [task, over] = [undefined, Promise.withResolvers<undefined>()];
    const again = types(carol, ['audit']);
    again.catch(() => undefined);
    await drawn();
    gone.abort(new Error('the line closed'));
    await expect(again).rejects.toThrow('the line closed');
  });

  test('law 5: a lock of the auditor ends it within a second', async () => {
    const lock = { target: 'carol', number: 1, locked: true, by: 'bob', reason: '', at: began };
    await world.deps.locks.take({ lock, jws: '' });
    await settle(1_000);
    expect(await code()).toBe('LOCKED');
  });

  test('who is taken out of the group, whose sign-in ends or is withdrawn, sees no more', async () => {
    world.groups.set('carol', ['engineers']);
    await settle(1_000);
    expect(await code()).toBe('NOT_AUDITOR');
    world.groups.delete('carol');
    task = undefined;
    const second = types(carol, ['audit']);
    second.catch(() => undefined);
    await drawn();
    world.groups.set('carol', 'gone');
    await settle(1_000);
    expect(await codeOf(second)).toBe('FOLLOW_SIGN_IN');
  });

  test('law 4: it lasts as long as the longest access, and no longer', async () => {
    await settle(59 * minute);
    expect(told).not.toContain('stopped');
    await settle(minute);
    expect(await code()).toBe('FOLLOWED_LONGEST');
  });

  test('a terminal that takes nothing for half a minute is left', async () => {
    take('one');
    await settle(20_000);
    hearShown({ t: 'shown', cols: 80, rows: 24 });
    take('two');
    await settle(30_000);
    expect(told).not.toContain('stopped');
    await settle(2_000);
    expect(await code()).toBe('FOLLOWER_STUCK');
  });
});
