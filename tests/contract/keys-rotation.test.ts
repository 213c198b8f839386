// Keys that are exchanged: their files, what counts meanwhile and afterwards, and what a keeper that died in between leaves (law 8; RFC 7517,
// RFC 7638).
import { chmod, mkdtemp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, CompactSign, importJWK, type JWK } from 'jose';
import { openKeys, type Kind, type KeysOfKeeper } from '../../src/adapters/keys.ts';
import { integer, object, text } from '../../src/core/shape.ts';
import { hour } from '../../src/core/time.ts';

const began = Date.parse('2026-11-28T10:00:00Z');
const shape = object({ id: text(16), at: integer(0) });
let [root, folder, shown, now] = ['', '', '', began];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'keys-rotation-'));
  [folder, now] = [join(root, 'keys'), began];
  shown = join(folder, 'host.pub.jwk');
});
afterEach(async () => rm(root, { recursive: true }));

const open = async (): Promise<KeysOfKeeper> => openKeys({ folder, host: 'a', peers: {}, now: () => now });
/** Another host, which has the public keys of this one as they are published now. */
const openPeer = async (): Promise<KeysOfKeeper> =>
  openKeys({ folder: join(root, 'peer'), host: 'b', peers: { a: shown }, now: () => now });
const signed = async (keys: KeysOfKeeper, kind: Kind = 'review', at = now): Promise<string> =>
  keys.sign(kind, { id: 'K7QF', at });
const isGood = async (keys: KeysOfKeeper, jws: string, kind: Kind = 'review'): Promise<boolean> =>
  (await keys.verify(jws, kind, shape)) !== undefined;
const next = async (keys: KeysOfKeeper): Promise<string> => keys.makeNext(async () => Promise.resolve());
/** A rotation as the keeper makes one. */
async function rotate(keys: KeysOfKeeper, until = now + hour, leaked = false): Promise<void> {
  await keys.rotate(keys.own().next ?? (await next(keys)), { until, leaked });
  await keys.publish();
}
const kidOf = (jws: string): unknown =>
  (JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()) as { kid: unknown }).kid;

describe('a rotation on its own host', () => {
  test('what was signed before counts until the end of the old key, and not from then on', async () => {
    const keys = await open();
    const old = await signed(keys);
    await rotate(keys);
    const fresh = await signed(keys);
    expect([kidOf(old), kidOf(fresh)]).toEqual(['a', `a#${keys.own().current}`]);
    expect([await isGood(keys, old), await isGood(keys, fresh)]).toEqual([true, true]);
    now = began + hour - 1;
    expect(await isGood(keys, old)).toBe(true);
    now = began + hour;
    expect([await isGood(keys, old), await isGood(keys, fresh)]).toEqual([false, true]);
  });

  test('the old key signs nothing new, also while what it signed still counts', async () => {
    const keys = await open();
    const stale = await open(); // of a keeper that was restored from a backup, and knows nothing of the rotation
    await rotate(keys);
    expect(await isGood(keys, await signed(stale, 'review', began))).toBe(true);
    expect(await isGood(keys, await signed(stale, 'review', began + 1_000))).toBe(false);
  });

  test('a key that nobody knows is refused, whoever it says it is of', async () => {
    const [keys, other] = [await open(), await openKeys({ folder: join(root, 'other'), host: 'a', peers: {} })];
    await rotate(keys);
    await rotate(other);
    expect(await isGood(keys, await signed(other))).toBe(false);
  });

  test('a signature counts under the name of its own key alone', async () => {
    const keys = await open();
    await rotate(keys);
    const { current } = JSON.parse(await readFile(join(folder, 'signing.json'), 'utf8')) as { current: JWK };
    const { since, ...jwk } = current as JWK & { since: number };
    const under = async (kid: string): Promise<boolean> => {
      const header = { alg: 'EdDSA', kid, typ: 'tmux-gate-review+jws' };
      const body = Buffer.from(JSON.stringify({ id: 'K7QF', at: since }));
      return isGood(keys, await new CompactSign(body).setProtectedHeader(header).sign(await importJWK(jwk, 'EdDSA')));
    };
    expect(await under(`a#${keys.own().current}`)).toBe(true);
    const others = ['a', `a#${'b'.repeat(43)}`, 'a#', `a#${keys.own().current}#`, `b#${keys.own().current}`];
    expect(await Promise.all(others.map(under))).toEqual(others.map(() => false));
  });

  test('the key of the journal stays, and with it seals and notes', async () => {
    const keys = await open();
    const of = (): readonly unknown[] => [keys.publicKey(), keys.seal('x'), keys.signNote('x\n')];
    const before = of();
    await rotate(keys);
    expect(of()).toEqual(before);
    expect([(await open()).publicKey(), (await openPeer()).publicKey('a')]).toEqual([before[0], before[0]]);
  });

  test('the file is for root alone, holds no private half of a key that was retired, and is read again', async () => {
    const keys = await open();
    await rotate(keys);
    const first = JSON.parse(await readFile(join(folder, 'signing.json'), 'utf8')) as { current: { d: string } };
    const [old, fresh] = [await signed(keys), keys.own()];
    await rotate(keys);
    const file = join(folder, 'signing.json');
    expect((await stat(file)).mode & 0o7777).toBe(0o600);
    expect(await readFile(file, 'utf8')).not.toContain(first.current.d);
    const again = await open();
    expect(again.own()).toEqual(keys.own());
    expect(again.own().current).not.toBe(fresh.current);
    expect([await isGood(again, old), await isGood(again, await signed(keys))]).toEqual([true, true]);
  });

  test('of a leak: all that signed before end at once, also those that were retired', async () => {
    const keys = await open();
    const one = await signed(keys);
    await rotate(keys);
    const two = await signed(keys);
    await rotate(keys, now, true);
    expect([await isGood(keys, one), await isGood(keys, two), await isGood(keys, await signed(keys))]).toEqual([
      ...[false, false, true],
    ]);
  });

  test('a fingerprint is the thumbprint that others compute, and the list says what each key is for', async () => {
    const keys = await open();
    await rotate(keys);
    await next(keys);
    await keys.publish();
    const { keys: set } = JSON.parse(await readFile(shown, 'utf8')) as { keys: (JWK & { kid: string })[] };
    for (const jwk of set) expect(await calculateJwkThumbprint(jwk)).toBe(jwk.kid);
    const [first] = set;
    expect(keys.list().map(({ use, state, fingerprint }) => [use, state, fingerprint])).toEqual([
      ['journal', 'current', first?.kid],
      ['signing', 'retired', first?.kid],
      ['signing', 'next', keys.own().next],
      ['signing', 'current', keys.own().current],
    ]);
    now += hour;
    expect(keys.list()[1]).toMatchObject({ state: 'ended', until: began + hour });
  });

  test('a JWS of a former key is known as such; one of the key that signs, or of another host, is not', async () => {
    const [keys, peer] = [await open(), await openPeer()];
    const old = await signed(keys, 'lock');
    expect(keys.isOfFormerKey(old)).toBe(false);
    await rotate(keys);
    const all = [old, await signed(keys, 'lock'), await signed(peer, 'lock'), 'no JWS'];
    expect(all.map((jws) => keys.isOfFormerKey(jws))).toEqual([true, false, false, false]);
  });
});

describe('a peer', () => {
  test('takes both keys once it has the file, and the old one no more after its end', async () => {
    const keys = await open();
    const old = await signed(keys);
    const before = await openPeer();
    expect(JSON.parse(await readFile(shown, 'utf8'))).not.toHaveProperty('keys'); // one key, as always
    await next(keys);
    await keys.publish();
    const told = await openPeer();
    await rotate(keys);
    const fresh = await signed(keys);
    // One that was not told refuses the new key; one that was told of the next key takes it before the second copy.
    expect([await isGood(before, fresh), await isGood(told, fresh), await isGood(told, old)]).toEqual([
      ...[false, true, true],
    ]);
    (await before.readPeers({ a: shown }))();
    expect([await isGood(before, fresh), await isGood(before, old)]).toEqual([true, true]);
    now = began + hour;
    expect([await isGood(before, fresh), await isGood(before, old)]).toEqual([true, false]);
    await keys.publish();
    expect(await isGood(await openPeer(), old)).toBe(false); // nor where the file does not name it any more
    expect(before.list().filter(({ host }) => host === 'a')).toHaveLength(3);
  });

  test('knows that a retired key signs nothing new', async () => {
    const [keys, stale] = [await open(), await open()];
    await rotate(keys);
    const peer = await openPeer();
    expect(await isGood(peer, await signed(stale, 'review', began))).toBe(true);
    expect(await isGood(peer, await signed(stale, 'review', began + 1_000))).toBe(false);
  });

  test('can have two keys in one file that somebody put together: the first is that of the journal', async () => {
    const [one, two] = [await open(), await openKeys({ folder: join(root, 'two'), host: 'a', peers: {} })];
    const all = [shown, join(root, 'two', 'host.pub.jwk')].map(
      async (path) => JSON.parse(await readFile(path, 'utf8')) as unknown,
    );
    await writeFile(join(root, 'both.jwk'), JSON.stringify({ keys: await Promise.all(all) }), { mode: 0o644 });
    const peer = await openKeys({ folder: join(root, 'peer'), host: 'b', peers: { a: join(root, 'both.jwk') } });
    expect(peer.publicKey('a')).toBe(one.publicKey());
    expect([await isGood(peer, await signed(one)), await isGood(peer, await signed(two))]).toEqual([true, false]);
    await rotate(two);
    expect(await isGood(peer, await signed(two))).toBe(false);
  });

  const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
  test.each([
    ['no key at all', { keys: [] }],
    ['no list', { keys: jwk }],
    ['a private half', { keys: [{ ...jwk, d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' }] }],
    ['another curve', { keys: [{ ...jwk, crv: 'X25519' }] }],
    ['two keys of a journal', { keys: [jwk, jwk].map((one) => ({ ...one, use: 'tmux-gate-journal' })) }],
    ['a key for encryption', { keys: [{ ...jwk, use: 'enc' }] }],
    ['a key under another fingerprint', { keys: [{ ...jwk, kid: 'a'.repeat(43) }] }],
    ['an end that is none', { keys: [{ ...jwk, exp: 'tomorrow' }] }],
    ['an end before all time', { keys: [{ ...jwk, exp: -1 }] }],
    ['a retirement that is none', { keys: [{ ...jwk, retired: null }] }],
  ])('is not taken from a file with %s', async (_, set) => {
    const path = join(root, 'set.jwk');
    await writeFile(path, JSON.stringify(set), { mode: 0o644 });
    await expect(openKeys({ folder, host: 'b', peers: { a: path } })).rejects.toThrow(path);
  });
});

describe('a file of a rotation that is not as it should be', () => {
  test.each([
    ['others read it', async (path: string) => chmod(path, 0o640)],
    ['it holds something else', async (path: string) => writeFile(path, '{"retired":[],"more":1}')],
    ['it is cut', async (path: string) => writeFile(path, '{"current":')],
    [
      'its key is none',
      async (path: string) => {
        const broken = { kty: 'OKP', crv: 'Ed25519', x: 'AA', d: 'AA', since: 0 };
        await writeFile(path, JSON.stringify({ current: broken, retired: [] }));
      },
    ],
  ])('is refused: %s', async (_, spoil) => {
    await rotate(await open());
    await spoil(join(folder, 'signing.json'));
    await expect(open()).rejects.toThrow(/signing\.json/);
  });
});

describe('a keeper that dies, or cannot write', () => {
  test('before the rotation is on disk: the next one knows both keys, goes on with the old one, and can complete it', async () => {
    const keys = await open();
    const old = await signed(keys);
    const key = await next(keys);
    await mkdir(join(folder, 'signing.json.new')); // the file cannot be replaced
    await expect(keys.rotate(key, { until: now + hour, leaked: false })).rejects.toThrow();
    expect(keys.own()).toMatchObject({ next: key });
    expect(kidOf(await signed(keys))).toBe('a');
    await rm(join(folder, 'signing.json.new'), { recursive: true });
    const after = await open();
    expect([await isGood(after, old), after.own().next]).toEqual([true, key]);
    await after.rotate(key, { until: now + hour, leaked: false });
    expect(after.own()).toEqual({ current: key, next: undefined });
    await after.rotate(key, { until: now + 2 * hour, leaked: false }); // once more: nothing
    expect(after.list().find(({ state }) => state === 'retired')).toMatchObject({ until: began + hour });
  });

  test('rule 9: what is signed while the file is written is of the new key, which counts also if the file is never written', async () => {
    const keys = await open();
    const key = await next(keys);
    const writing = keys.rotate(key, { until: now + hour, leaked: false });
    const meanwhile = await signed(keys);
    expect(kidOf(meanwhile)).toBe(`a#${key}`);
    await writing;
    expect(await isGood(await open(), meanwhile)).toBe(true);
  });

  test('before the public keys are shown: the next one shows them', async () => {
    const keys = await open();
    await keys.rotate(await next(keys), { until: now + hour, leaked: false });
    expect(await readFile(shown, 'utf8')).not.toContain(keys.own().current);
    const after = await open();
    expect(await readFile(shown, 'utf8')).not.toContain(keys.own().current); // a program that only reads leaves them
    await after.publish();
    expect(await readFile(shown, 'utf8')).toContain(keys.own().current);
  });

  test('another key than the next one never comes to sign, and nothing is kept that the journal does not take', async () => {
    const keys = await open();
    await next(keys);
    await expect(keys.rotate('a'.repeat(43), { until: now, leaked: false })).rejects.toThrow('another key');
    const before = await readFile(join(folder, 'signing.json'), 'utf8');
    await expect(keys.makeNext(async () => Promise.reject(new Error('full')))).rejects.toThrow('full');
    expect(await readFile(join(folder, 'signing.json'), 'utf8')).toBe(before);
  });
});
