// Windows and reasons that do not fit: refused or asked again, and nothing that cannot be seen reaches a screen (law 9).
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { journal, testHost } from '../harness/inside.ts';
import { expectRefused, plain, seenOn } from '../harness/refused.ts';
import { requestAccess, leaveQueue, putInOrder } from '../harness/visits.ts';

let host: Host;
let alice: Person;
/** Two people, since beyond thirty kinds a minute the refusals of a login are counted by their code alone. */
let carol: Person;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tga',
    people: { carol: ['engineers'] },
    config: (config) => {
      const like = config.sessions['prod-db'];
      const reason = { ...like.reason, example: 'INC-4711 replica lag' };
      return { ...config, sessions: { 'prod-db': { ...like, reason } } };
    },
  });
  ({ alice } = host.people);
  carol = host.people['carol'] ?? alice;
  await leaveQueue(await requestAccess(alice)); // remembered from here on
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => putInOrder(host));

describe('a window', () => {
  const tooLong = {
    code: 'WINDOW_TOO_LONG',
    says: 'Access to session prod-db lasts at most 1h.',
    hint: 'try: --for 1h',
  } as const;

  test('that is none is refused, named on the line or typed three times', async () => {
    const unread = { code: 'BAD_COMMAND', hint: 'see: ssh prod-box help' } as const;
    await expectRefused(host, alice, { ...unread, says: 'Not a time: "soon". Use 45s, 20m or 1h.' }, async () =>
      seenOn(alice.ssh(['-t', 'prod-db', '--for', 'soon'])),
    );
    const none = { code: 'BAD_WINDOW', says: 'That is not a time like 45s, 20m or 1h.' } as const;
    await expectRefused(host, alice, { ...none, hint: 'for example: --for 20m' }, async () => {
      const a = alice.ssh(['-t', 'prod-db', '--reason', 'INC-1 look']);
      for (const answer of ['soon', '-5m', '10']) {
        await a.until('How long?');
        a.type(`${answer}\r`);
      }
      return seenOn(a);
    });
  });

  test('above the maximum is refused, named on the line or typed three times', async () => {
    await expectRefused(host, alice, tooLong, async () => seenOn(alice.ssh(['-t', 'prod-db', '--for', '61m'])));
    await expectRefused(host, alice, tooLong, async () => {
      const a = alice.ssh(['-t', 'prod-db', '--reason', 'INC-1 look']);
      for (const answer of ['2h', '1h1s', '1d']) {
        await a.until('How long?');
        a.type(`${answer}\r`);
      }
      return seenOn(a);
    });
  });

  test.each(['20', '0s', '-5m', '1w', '99999999d', '1e3s'])('of "%s" is no time', async (text) => {
    const { code, text: seen } = await seenOn(alice.ssh(['-t', 'prod-db', '--for', text]));
    expect(plain(seen)).toMatch(/Not a time: .*\. Use 45s, 20m or 1h\. \[BAD_COMMAND\]/);
    expect(code).toBe(64);
  });
});

describe('a reason', () => {
  test('that does not fit is asked for again, and taken when it does', async () => {
    const a = carol.ssh(['-t', 'prod-db']);
    await carol.signInFrom(a);
    await a.until('Reason (ticket and what you will do), for example "INC-4711 replica lag":');
    a.type('because\r');
    await a.until('Write: ticket and what you will do, for example "INC-4711');
    await a.until('Reason');
    a.type('INC-7 now it fits\r');
    await a.until('How long?');
    a.type('\r');
    await a.until('Waiting for approval');
    expect(plain(a.text)).toContain('Reason INC-7 now it fits For 30m Asked');
    expect((await leaveQueue({ terminal: a, request: '' })).code).toBe(130);
  });

  test('that never fits is refused after three tries', async () => {
    const expected = {
      code: 'BAD_REASON',
      says: 'The reason does not have the form that session prod-db needs.',
      hint: 'write: ticket and what you will do',
    } as const;
    await expectRefused(host, carol, expected, async () => {
      const a = carol.ssh(['-t', 'prod-db']);
      for (const text of ['because', '', 'INC-x y']) {
        await a.until('Reason');
        a.type(`${text}\r`);
      }
      return seenOn(a);
    });
    await expectRefused(host, carol, expected, async () => seenOn(carol.ssh(['-t', 'prod-db', '--reason', 'because'])));
  });

  test.each([
    ['an escape sequence', 'INC-1 \u001b[2Jgone'],
    ['a backspace', 'INC-1 ab\b\bcd'],
    ['a C1 control', 'INC-1 \u009b2J'],
    ['a right-to-left override', 'INC-1 \u202egnp.exe'],
    ['a zero-width space', 'INC-1 a\u200bb'],
    ['a line separator', 'INC-1 c\u2028d'],
    ['two lines', 'INC-1 a\nApproved by bob'],
  ])('with %s is refused, and neither screen nor journal shows it raw (law 9)', async (_, reason) => {
    const expected = {
      code: 'UNSEEN_REASON',
      says: 'The reason has invisible characters.',
      hint: 'type it again as plain text, on one line',
    } as const;
    let text = '';
    const record = await expectRefused(host, carol, expected, async () => {
      const seen = await seenOn(carol.ssh(['-t', 'prod-db', `--for 5m --reason ${reason}`]));
      ({ text } = seen);
      return seen;
    });
    expect(JSON.stringify(record)).not.toMatch(/[\u007f-\u009f\u200b\u2028\u202e]|\\u001b|\\b|\\n/);
    expect(text).not.toContain('gone');
  });

  test('typed with a character that cannot be seen is asked for again; keys for a terminal are no part of it', async () => {
    const a = carol.ssh(['-t', 'prod-db']);
    await a.until('Reason');
    a.type('INC-1 \u202ered\r');
    await a.until('The reason has invisible characters. Type it again as plain text, on one line.');
    await a.until('Reason');
    // Back one, then keys that would stop the gate, its output or itself.
    a.type('INC-1 rd\u001b[De\u001a\u0013\u001c\u0011\r');
    await a.until('How long');
    a.type('5m\r');
    const [, request = ''] = await a.until(/Request ([0-9A-Z]{6})/);
    expect(journal(host.layout).find((record) => record['request'] === request)).toMatchObject({ reason: 'INC-1 red' });
    a.type('q');
    await a.exit;
  });

  test('longer than 400 characters is refused', async () => {
    const expected = {
      code: 'LONG_REASON',
      says: 'The reason is longer than 400 characters.',
      hint: 'name the ticket and say it in a sentence',
    } as const;
    const reason = `INC-1 ${'x'.repeat(395)}`;
    await expectRefused(host, carol, expected, async () => seenOn(carol.ssh(['-t', 'prod-db', '--reason', reason])));
  });
});
