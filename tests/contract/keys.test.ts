// Signatures and the files of their keys (law 8; RFC 8725).
import { chmod, chown, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createPublicKey, createSecretKey, sign as signRaw } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CompactSign } from 'jose';
import { maxJws, openKeys, type Kind } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { integer, object, text } from '../../src/core/shape.ts';

const shape = object({ id: text(16), n: integer() });
const payload = { id: 'K7QF', n: 1 };
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'keys-'));
  folder = join(root, 'keys');
});
afterEach(async () => await rm(root, { recursive: true }));

const open = (host = 'a', peers: Record<string, string> = {}, at = folder) => openKeys({ folder: at, host, peers });

describe('peers that are exchanged', () => {
  const peer = async (name: string): Promise<{ jws: string; path: string }> => {
    const at = join(root, name);
    const jws = await (await open('b', {}, at)).sign('review', payload);
    return { jws, path: join(at, 'host.pub.jwk') };
  };

  test('count from then on, and those before no longer, though their signatures were verified', async () => {
    const [one, two] = [await peer('one'), await peer('two')];
    const keys = await open('a', { b: one.path });
    const verified = async ({ jws }: { jws: string }) => (await keys.verify(jws, 'review', shape)) !== undefined;
    expect([await verified(one), await verified(two)]).toEqual([true, false]);
    const take = await keys.readPeers({ b: two.path });
    expect(await verified(one)).toBe(true); // nothing has changed yet
    const before = keys.publicKey('b');
    take();
    expect([await verified(one), await verified(two), keys.publicKey('b') === before]).toEqual([false, true, false]);
    (await keys.readPeers({}))();
    expect([await verified(two), keys.publicKey('b')]).toEqual([false, undefined]);
  });

  test('rule 6: what is verified while they are exchanged counts by the new ones', async () => {
    const [one, two] = [await peer('one'), await peer('two')];
    for (const others of [{ b: two.path }, {}] as Record<string, string>[]) {
      const keys = await open('a', { b: one.path });
      const take = await keys.readPeers(others);
      const verifying = keys.verify(one.jws, 'review', shape);
      take();
      expect(await verifying).toBeUndefined();
    }
  });

  test('with a file that holds no key change nothing; the host itself is none', async () => {
    const one = await peer('one');
    const keys = await open('a', { b: one.path });
    await writeFile(join(root, 'none'), '{}', { mode: 0o644 });
    await expect(keys.readPeers({ b: join(root, 'none') })).rejects.toThrow('no public Ed25519 JWK');
    await expect(keys.readPeers({ a: one.path })).rejects.toThrow('its own peer');
    expect(await keys.verify(one.jws, 'review', shape)).toBeDefined();
  });
});

describe('the files of the key', () => {
  test('are made once, for root alone, and kept', async () => {
    const jws = await (await open()).sign('grant', payload);
    expect((await stat(folder)).mode & 0o7777).toBe(0o700);
    expect((await stat(join(folder, 'host.jwk'))).mode & 0o7777).toBe(0o600);
    expect((await stat(join(folder, 'host.pub.jwk'))).mode & 0o7777).toBe(0o644);
    expect(JSON.parse(await readFile(join(folder, 'host.pub.jwk'), 'utf8'))).not.toHaveProperty('d');
    expect(await (await open()).verify(jws, 'grant', shape)).toEqual({ host: 'a', value: payload });
  });

  test('two programs that come first at once have the same key', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => open()));
    const jws = await all[0]!.sign('grant', payload);
    for (const keys of all) expect(await keys.verify(jws, 'grant', shape)).toBeDefined();
  });

  test.each([
    ['a key that others read', () => chmod(join(folder, 'host.jwk'), 0o644)],
    ['a key that a group reads', () => chmod(join(folder, 'host.jwk'), 0o640)],
    ['a key of another owner', () => chown(join(folder, 'host.jwk'), 65534, 0)],
    ['a folder that others enter', () => chmod(folder, 0o711)],
    ['a folder of another owner', () => chown(folder, 65534, 0)],
    ['no JSON', () => writeFile(join(folder, 'host.jwk'), 'nonsense')],
    ['another curve', () => writeFile(join(folder, 'host.jwk'), '{"kty":"OKP","crv":"X25519","x":"AA","d":"AA"}')],
    ['a broken key', () => writeFile(join(folder, 'host.jwk'), '{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}')],
  ])('%s is refused', async (_, spoil) => {
    await open();
    await spoil();
    await expect(open()).rejects.toThrow();
  });

  test('a link in the place of the key is refused', async () => {
    await open();
    await open('b', {}, join(root, 'other'));
    await rm(join(folder, 'host.jwk'));
    await symlink(join(root, 'other', 'host.jwk'), join(folder, 'host.jwk'));
    await expect(open()).rejects.toThrow(/symbolic link/);
  });

  test('no message of a refused key quotes it', async () => {
    await writeFile(join(root, 'secret.jwk'), await readFile(await ownKeyPath(), 'utf8'), { mode: 0o600 });
    const { d } = JSON.parse(await readFile(join(root, 'secret.jwk'), 'utf8')) as { d: string };
    const error = await open('a', { b: join(root, 'secret.jwk') }).catch((caught: unknown) => caught);
    expect(String(error)).toMatch(/no public Ed25519/);
    expect(String(error)).not.toContain(d);
  });

  async function ownKeyPath(): Promise<string> {
    await open();
    return join(folder, 'host.jwk');
  }
});

describe('what is verified', () => {
  const kinds: Kind[] = ['request', 'review', 'grant', 'sign-in', 'head'];

  test('one kind never passes for another (law 8)', async () => {
    const keys = await open();
    for (const made of kinds) {
      const jws = await keys.sign(made, payload);
      for (const asked of kinds) expect((await keys.verify(jws, asked, shape)) !== undefined).toBe(made === asked);
    }
  });

  test('peers are known by their files, and `from` narrows to one host', async () => {
    const b = await open('b', {}, join(root, 'b'));
    const a = await open('a', { b: join(root, 'b', 'host.pub.jwk') });
    const jws = await b.sign('review', payload);
    expect(await a.verify(jws, 'review', shape)).toEqual({ host: 'b', value: payload });
    expect(await a.verify(jws, 'review', shape, 'b')).toBeDefined();
    expect(await a.verify(jws, 'review', shape, 'a')).toBeUndefined();
    await expect(open('a', { a: join(root, 'b', 'host.pub.jwk') })).rejects.toThrow(/own peer/);
  });

  test('a stranger is nobody, also under a name that we know', async () => {
    const keys = await open();
    const stranger = await open('b', {}, join(root, 'b'));
    const liar = await open('a', {}, join(root, 'liar'));
    expect(await keys.verify(await stranger.sign('grant', payload), 'grant', shape)).toBeUndefined();
    expect(await keys.verify(await liar.sign('grant', payload), 'grant', shape)).toBeUndefined();
    const proto = await open('__proto__', {}, join(root, 'proto'));
    expect(await keys.verify(await proto.sign('grant', payload), 'grant', shape)).toBeUndefined();
  });

  test('alg none and HS256 with the public key as secret are refused', async () => {
    const keys = await open();
    const [, body] = (await keys.sign('grant', payload)).split('.');
    const header = { alg: 'none', kid: 'a', typ: 'tmux-gate-grant+jws' };
    expect(await keys.verify(`${encode(header)}.${body!}.`, 'grant', shape)).toBeUndefined();
    const jwk = await readFile(join(folder, 'host.pub.jwk'), 'utf8');
    const hmac = await new CompactSign(Buffer.from(JSON.stringify(payload)))
      .setProtectedHeader({ ...header, alg: 'HS256' })
      .sign(createSecretKey(Buffer.from(jwk)));
    expect(await keys.verify(hmac, 'grant', shape)).toBeUndefined();
  });

  test('a swapped payload, header or signature is refused, and so is another spelling of the same', async () => {
    const keys = await open();
    const genuine = await keys.sign('grant', payload);
    const [header, body, signature] = genuine.split('.') as [string, string, string];
    // What was verified before is known by its whole text, and vouches for nothing else.
    expect(await keys.verify(genuine, 'grant', shape)).toEqual({ host: 'a', value: payload });
    expect(await keys.verify(genuine, 'grant', shape)).toEqual({ host: 'a', value: payload });
    expect(await keys.verify(genuine, 'grant', object({ id: text(16) }))).toBeUndefined();
    expect(await keys.verify(genuine, 'grant', shape, 'b')).toBeUndefined();
    const other = (await keys.sign('grant', { ...payload, n: 2 })).split('.') as [string, string, string];
    const last = 'AQgw'.includes(signature.at(-1)!) ? String.fromCharCode(signature.charCodeAt(85) + 1) : 'A';
    for (const forged of [
      `${header}.${other[1]}.${signature}`,
      `${header}.${body}.${other[2]}`,
      `${header}.${body}.${signature.slice(0, 85)}${last}`,
      `${header}.${body}.${signature}=`,
      `${header}.${body}.${signature}\n`,
      ` ${header}.${body}.${signature}`,
      `${header}.${body}`,
      '',
      'x'.repeat(maxJws + 1),
    ]) {
      expect(await keys.verify(forged, 'grant', shape)).toBeUndefined();
    }
  });

  test('a rightly signed token with more in its header, or a payload of another shape, is refused', async () => {
    const keys = await open();
    const jwk = JSON.parse(await readFile(join(folder, 'host.jwk'), 'utf8')) as Record<string, string>;
    const header = { alg: 'EdDSA', kid: 'a', typ: 'tmux-gate-grant+jws' };
    const made = (head: object, body: string): string => {
      const input = `${encode(head)}.${Buffer.from(body).toString('base64url')}`;
      const key = { key: jwk, format: 'jwk' as const };
      return `${input}.${signRaw(null, Buffer.from(input), key).toString('base64url')}`;
    };
    const shown = createPublicKey({ key: jwk, format: 'jwk' } as never).export({ format: 'jwk' });
    expect(await keys.verify(made(header, JSON.stringify(payload)), 'grant', shape)).toBeDefined();
    expect(await keys.verify(made({ ...header, jwk: shown }, JSON.stringify(payload)), 'grant', shape)).toBeUndefined();
    expect(
      await keys.verify(made({ ...header, crit: ['b64'] }, JSON.stringify(payload)), 'grant', shape),
    ).toBeUndefined();
    expect(await keys.verify(made(header, JSON.stringify({ ...payload, more: 1 })), 'grant', shape)).toBeUndefined();
    expect(await keys.verify(made(header, 'no json'), 'grant', shape)).toBeUndefined();
  });

  test('what nobody would read is not signed', async () => {
    await expect((await open()).sign('review', { groups: 'x'.repeat(maxJws) })).rejects.toThrow(RangeError);
  });
});

test('sha256 is the one of FIPS 180-4', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
