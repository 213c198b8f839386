// The verb `review`: what is signed off, by whom, and what is not (src/keeper/verbs/access-review.ts).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Context } from '../../../src/keeper/context.ts';
import { accessReview } from '../../../src/keeper/verbs/access-review.ts';
import { parseCommand, type Command } from '../../../src/wire/grammar.ts';
import type { Line } from './fakes.ts';
import { crowd, iso, openReviewing, past, quarter, root, signOff, visitorOf, type Reviewing } from './reviewing.ts';
import { began, bob, carol, codeOf, lineOf } from './world.ts';

let here: Reviewing;

beforeEach(() => {
  here = openReviewing();
});
afterEach(() => here.close());

describe('a sign-off', () => {
  const signed = (): Line | undefined => lineOf(here.world, 'access-reviewed');

  test('says who, how they proved it, of which listing and under which policy, and what they found', async () => {
    const sha = await here.digestOf();
    await here.typed(signOff(sha));
    const period = { period: '2001-Q2', from: Date.UTC(2001, 3), to: Date.UTC(2001, 6), session: 'prod-db' };
    expect(signed()).toEqual({
      ...{ event: 'access-reviewed', ...period, sha256: sha, policy: 'ab'.repeat(32), by: bob, groups: ['oncall'] },
      ...{ rule: 'sessions.prod-db.approvers.groups: oncall', proof: { issuedAt: began, amr: ['otp'] } },
      reason: 'as it should be',
    });
    expect(lineOf(here.world, 'proved-anew')).toMatchObject({
      purpose: 'SIGN OFF THE ACCESS REVIEW 2001-Q2 OF prod-db',
    });
    expect(here.notes.join('\n')).toMatch(
      new RegExp(`sign off the access review 2001-Q2 of prod-db:\n  SHA-256  ${sha}`),
    );
    expect(here.out.at(-1)).toBe('Signed off: 2001-Q2, prod-db.');
  });

  test('stands in the next listing, and a second one beside it; the digest stays', async () => {
    const sha = await here.digestOf();
    await here.typed(signOff(sha));
    await here.typed(signOff(sha), carol);
    const [listing] = await here.told(`${quarter} --session prod-db`);
    expect(listing).toMatchObject({ sha256: sha, signOffs: [{ by: bob, own: false }, { by: carol }] });
    await here.typed(quarter);
    expect(here.out).toContain('Looked at by bob (bob@example.com) on 2001-09-09 01:46:40 UTC: as it should be');
    here.records = [
      ...past,
      { at: iso('2001-06-02T10:00'), event: 'granted', session: 'prod-db', grant: 'G9', who: carol },
    ];
    here.out = [];
    await here.typed(quarter);
    expect(here.out.join('\n')).toContain(`UTC, as it was then (${sha}): as it should be`);
  });

  test('by whoever had access too says so; on the host, by the person behind sudo', async () => {
    const signIn = { at: iso('2001-04-02T09:00'), event: 'sign-in', login: 'bob', identity: bob, groups: ['oncall'] };
    here.records = [
      ...past,
      signIn,
      { at: iso('2001-04-02T10:00'), event: 'granted', session: 'prod-db', grant: 'G3', who: bob },
    ];
    await here.typed(signOff(await here.digestOf()), bob, visitorOf('bob', true));
    expect(signed()).toMatchObject({ own: true, local: true });
    here.out = [];
    await here.typed(quarter);
    expect(here.out.join('\n')).toContain('UTC, who had access too: as it should be');
  });

  test.each<[string, string, () => void]>([
    ['another listing', 'LISTING_CHANGED', () => (here.records = here.records.slice(0, -2))],
    ['a journal that does not verify', 'JOURNAL_DOUBTFUL', () => (here.isSound = false)],
    ['a person who may not approve', 'NOT_REVIEWER', () => (here.groups = ['engineers'])],
    ['a journal that takes nothing', 'JOURNAL_DOWN', () => (here.world.journal.full = true)],
    ['a period that is not over', 'PERIOD_NOT_OVER', () => jest.setSystemTime(Date.UTC(2001, 6) - 1)],
  ])('is refused: %s', async (_what, code, change) => {
    const sha = await here.digestOf();
    change();
    expect(await codeOf(here.typed(signOff(sha)))).toBe(code);
    expect(signed()).toBeUndefined();
    expect(here.out.join('\n')).not.toContain('Signed off');
  });

  test('is refused when something changed while they signed in, and says where to look again', async () => {
    const sha = await here.digestOf();
    here.meanwhile = () => {
      here.records = [
        ...here.records,
        { at: iso('2001-09-09T01:00'), event: 'sign-in', login: 'dave', identity: carol, groups: ['admins'] },
      ];
    };
    const names = { session: 'prod-db', period: '2001-Q2' };
    await expect(here.typed(signOff(sha))).rejects.toMatchObject({ code: 'LISTING_CHANGED', names });
    expect(signed()).toBeUndefined();
  });

  test('is refused of a session that the policy does not have, and of a listing too long to be shown', async () => {
    expect(await codeOf(here.typed(signOff(await here.digestOf('old-db'), 'old-db')))).toBe('NOT_REVIEWER');
    here.records = crowd(40_000);
    expect(await codeOf(here.typed(signOff('a'.repeat(64))))).toBe('LISTING_CHANGED');
  });

  test('is possible of a listing of thousands of people', async () => {
    here.records = crowd(4_000);
    const sha = await here.digestOf();
    await here.typed(signOff(sha));
    expect(signed()).toMatchObject({ sha256: sha });
    expect(signed()).not.toHaveProperty('own');
  });

  test('is refused before anybody signs in: root, no session, no remark', async () => {
    const sha = 'a'.repeat(64);
    expect(await codeOf(here.typed(signOff(sha), bob, root))).toBe('NEEDS_A_PERSON');
    const problem = (text: string): unknown => expect.stringContaining(text);
    await expect(here.typed(`${quarter} --looked-at ${sha} --reason ok`)).rejects.toMatchObject({
      names: { problem: problem('Name the session') },
    });
    await expect(here.typed(`${quarter} --session prod-db --looked-at ${sha}`)).rejects.toMatchObject({
      names: { problem: problem('Say what you found') },
    });
    expect(here.world.journal.lines).toEqual([]);
  });

  test('a store that does not answer shows nothing; a sign-off needs no store', async () => {
    const sha = await here.digestOf();
    here.world.store.down = true;
    here.out = [];
    expect(await codeOf(here.typed(quarter))).toBe('REDIS_DOWN');
    expect(here.out).toEqual([]);
    await here.typed(signOff(sha));
    expect(signed()).toBeDefined();
  });

  test('a journal that cannot be read shows and signs off nothing', async () => {
    const context = {
      ...here.contextOf(bob),
      history: { review: async () => Promise.reject(new Error('EIO')) },
    } as unknown as Context;
    const { command } = parseCommand(signOff('a'.repeat(64))) as { command: Command };
    await expect(accessReview(context, here.conversation, visitorOf('bob'), command)).rejects.toThrow('EIO');
    expect([signed(), here.out]).toEqual([undefined, []]);
  });
});
