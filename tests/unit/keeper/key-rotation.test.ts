// A rotation as a transaction (src/keeper/key-rotation.ts): in which order it acts, how long the old key counts, and what is left when a step
// fails.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Refused } from '../../../src/core/refusal.ts';
import { hour, minute } from '../../../src/core/time.ts';
import { prepareKey, rotateAgain, rotateKey, type KeyRotationDeps } from '../../../src/keeper/key-rotation.ts';
import { codeOf, configOf, events, granted, lineOf, openWorld, type World } from './world.ts';

const [first, second, third] = ['1', '2', '3'].map((letter) => letter.repeat(43)) as [string, string, string];
const began = Math.floor(Date.now() / 1_000) * 1_000; // a whole second, as the end of an overlap
const now = (): number => began;

let log: string[];
let world: World;
let deps: KeyRotationDeps & { own: { current: string; next: string | undefined } };
let names: string[];
let room: boolean;
let rotate: () => Promise<void>;

function open(peers: Readonly<Record<string, string>> = {}): void {
  world = openWorld({
    config: configOf({}, { peers }),
    pause: async (step) => Promise.resolve(void log.push(step)),
  });
  const own: typeof deps.own = { current: first, next: undefined };
  const keys: KeyRotationDeps['keys'] = {
    own: () => own,
    hasRoom: () => room,
    makeNext: async (before) => {
      const key = names.shift() ?? '';
      await before(key);
      log.push(`made ${key.slice(0, 1)}`);
      return (own.next = key);
    },
    rotate: async (key, { until, leaked }) => {
      await rotate();
      log.push(`rotated ${key.slice(0, 1)} ${String(until - now())} ${String(leaked)}`);
      [own.current, own.next] = [key, undefined];
    },
    publish: async () => Promise.resolve(void log.push('published')).then(() => '/keys/host.pub.jwk'),
  };
  deps = { ...world.deps, keys, own, now };
}

beforeEach(() => {
  [log, names, room] = [[], [second, third], true];
  rotate = async () => Promise.resolve();
  open();
});

afterEach(() => world.close());

const asked = { by: 'root (alice)', reason: '', overlapMs: undefined, leaked: false };

describe('a rotation', () => {
  test('rule 1: makes the next key, owes and writes the record, then exchanges, then shows the public keys', async () => {
    const done = await rotateKey(deps, { ...asked, reason: 'yearly' });
    expect(done).toEqual({ before: first, current: second, until: now() + 8 * hour, path: '/keys/host.pub.jwk' });
    expect(log).toEqual([
      ...['journal key-made', 'journal key-made done', 'made 2'],
      ...['outbox key-rotated', 'outbox key-rotated done', 'journal key-rotated', 'journal key-rotated done'],
      ...[`rotated 2 ${String(8 * hour)} false`, 'published'],
    ]);
    expect(lineOf(world, 'key-made')).toMatchObject({ key: second, by: 'root (alice)', reason: 'yearly' });
    expect(lineOf(world, 'key-rotated')).toMatchObject({ key: second, before: first, leaked: false, reason: 'yearly' });
    expect(world.deps.outbox.all()).toEqual([]);
  });

  test('rule 2: the old key counts as long as what it signed can live, a grant of an earlier policy included', async () => {
    await granted(world, { end: now() + 20 * hour });
    expect((await rotateKey(deps, asked)).until).toBe(now() + 20 * hour);
  });

  test('or as long as somebody says', async () => {
    expect((await rotateKey(deps, { ...asked, overlapMs: 90 * minute })).until).toBe(now() + 90 * minute);
  });

  test('rule 3: with peers, takes the key that was prepared, and no other', async () => {
    open({ 'peer-box': '/peer.jwk' });
    expect(await codeOf(rotateKey(deps, asked))).toBe('NEXT_KEY_MISSING');
    expect([events(world), deps.own.current]).toEqual([[], first]);
    expect(await prepareKey(deps, asked)).toEqual({ next: second, path: '/keys/host.pub.jwk' });
    expect(lineOf(world, 'key-made')).not.toHaveProperty('reason');
    expect((await rotateKey(deps, asked)).current).toBe(second);
    expect(lineOf(world, 'key-rotated')).not.toHaveProperty('reason');
  });

  test('rule 4: of a key that leaked waits for no peer, ends it at once, and does not use the one that lay beside it', async () => {
    open({ 'peer-box': '/peer.jwk' });
    await prepareKey(deps, asked);
    expect(await rotateKey(deps, { ...asked, leaked: true })).toMatchObject({ current: third, until: now() });
    expect(lineOf(world, 'key-rotated')).toMatchObject({ key: third, leaked: true });
  });

  test('two at once run one after the other', async () => {
    const [one, two] = await Promise.all([rotateKey(deps, asked), rotateKey(deps, asked)]);
    expect([one.current, two.before, two.current]).toEqual([second, second, third]);
  });
});

describe('nothing changes', () => {
  test('law 7: when the journal takes no record', async () => {
    await prepareKey(deps, asked);
    world.journal.full = true;
    expect(await codeOf(rotateKey(deps, asked))).toBe('JOURNAL_DOWN');
    expect(deps.own).toEqual({ current: first, next: second });
    expect(log.filter((step) => step.startsWith('rotated'))).toEqual([]);
  });

  test('law 7: nor is a key made that has no record', async () => {
    world.journal.full = true;
    expect(await codeOf(prepareKey(deps, asked))).toBe('JOURNAL_DOWN');
    expect(deps.own.next).toBeUndefined();
  });

  test('when so many retired keys still count that one more could not be kept', async () => {
    room = false;
    expect(await codeOf(rotateKey(deps, asked))).toBe('BAD_COMMAND');
    expect(events(world)).toEqual([]);
  });

  test('when the file cannot be written; whoever asked hears it', async () => {
    rotate = async () => Promise.reject(new Refused('DISK_DOWN'));
    expect(await codeOf(rotateKey(deps, asked))).toBe('DISK_DOWN');
    expect([deps.own.current, log.at(-1)]).toEqual([first, 'journal key-rotated done']);
  });
});

describe('a keeper that starts after one that died', () => {
  const redo = (key: string): string => JSON.stringify({ key, until: now() + hour, leaked: false });

  test('completes the rotation whose record is there, with the end that the record has', async () => {
    await prepareKey(deps, asked);
    await rotateAgain(deps, redo(second));
    expect([deps.own.current, log.slice(-2)]).toEqual([second, [`rotated 2 ${String(hour)} false`, 'published']]);
  });

  test('does nothing where it was completed, where another followed, or with what it cannot read', async () => {
    for (const one of [redo(first), redo(third), 'torn', '{}']) await rotateAgain(deps, one);
    expect([deps.own.current, log]).toEqual([first, ['published', 'published', 'published', 'published']]);
  });
});
