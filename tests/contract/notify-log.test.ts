// The operators' log: what reaches stderr, and what never does (law 9 and 11).
import { PassThrough } from 'node:stream';
import { beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { type Log, openLog } from '../../src/adapters/log.ts';
import { Refused } from '../../src/core/refusal.ts';

let stream: PassThrough;
let log: Log;
beforeEach(() => {
  stream = new PassThrough({ highWaterMark: 16 * 1024 * 1024 });
  log = openLog('info', stream);
});
const logged = (): string => (stream.read() as Buffer | null)?.toString() ?? '';
const jwt = (): Promise<string> =>
  new SignJWT({ sub: 'alice' })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from('0123456789abcdef0123456789abcdef'));

test('one JSON line an event, and fields do not pose as its head', () => {
  log.warn('kept', { event: 'forged', level: 'forged', session: 'prod-db' });
  const text = logged();
  expect(text.endsWith('}\n')).toBe(true);
  expect(JSON.parse(text)).toMatchObject({ level: 'warn', event: 'kept', session: 'prod-db' });
});

test('the level holds', () => {
  const quiet = openLog('error', stream);
  quiet.info('no');
  quiet.error('yes');
  expect(logged()).toContain('"yes"');
});

test('law 11: tokens are left out of texts, errors, causes and keys of secrets', async () => {
  const secret = await jwt();
  const inner = Object.assign(new Error(`body: {"id_token":"${secret}"}`), { code: 'EBODY', response: { secret } });
  const outer = new Refused('TOKEN_REFUSED', {}, inner);
  const opaque = new Error('failed', { cause: { body: { refresh_token: 'opaque-secret' } } });
  log.error(`failed ${secret}`, {
    outer,
    opaque,
    list: [secret],
    deep: { note: `x ${secret}, y`, refreshToken: 'opaque-secret' },
  });
  log.error('jwe', { text: `${secret}.abc.def`, cut: `${'a'.repeat(1990)} ${secret}` });
  const text = logged();
  expect(text).not.toMatch(/ey[\w-]{4,}/);
  expect(text).not.toContain('opaque-secret');
  for (const part of secret.split('.')) expect(text).not.toContain(part);
  expect(JSON.parse(text.split('\n')[0]!)).toMatchObject({
    outer: { message: 'TOKEN_REFUSED', code: 'TOKEN_REFUSED', cause: { code: 'EBODY' } },
    opaque: { message: 'failed' },
  });
});

test('host names, versions and paths stay readable', () => {
  log.info('x', { text: 'gitlab-server.prod.example.com v1.22.333 /usr/lib/tmux-gate 127.0.0.1' });
  expect(logged()).toContain('gitlab-server.prod.example.com v1.22.333 /usr/lib/tmux-gate 127.0.0.1');
});

test('law 9: whatever the fields hold, a line is one line of printable ASCII', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.anything(), (text, value) => {
      log.info(text, { text, value, [text]: 1 });
      const line = logged();
      expect(line).toMatch(/^[\x20-\x7e]+\n$/);
      expect(() => void JSON.parse(line)).not.toThrow();
    }),
  );
});
