// The verb `review`: who reads which listing, and what its digest is of (src/keeper/verbs/access-review.ts).
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/adapters/sha256.ts';
import { Refused } from '../../../src/core/refusal.ts';
import { crowd, openReviewing, quarter, root, visitorOf, type Reviewing } from './reviewing.ts';
import { alice, bob, codeOf } from './world.ts';

let here: Reviewing;

beforeEach(() => {
  here = openReviewing();
});
afterEach(() => here.close());

describe('who reads', () => {
  test('root: each session, and those that the policy no longer has', async () => {
    const listings = await here.told(quarter);
    expect(listings.map(({ session }) => session)).toEqual(['prod-db', 'prod-web', 'old-db']);
    expect(listings[2]?.rows[0]).toMatchObject({ what: 'exception', login: 'dave' });
    expect((await here.told(`${quarter} --session old-db`)).map(({ session }) => session)).toEqual(['old-db']);
    expect((await here.told(`${quarter} --session prod-web`)).map(({ session }) => session)).toEqual(['prod-web']);
  });

  test('an approver: the sessions that they may approve for, and of others nothing is collected', async () => {
    const listings = await here.told(quarter, visitorOf('bob'));
    expect(listings.map(({ session }) => session)).toEqual(['prod-db']);
    expect(here.read.at(-1)).toMatchObject({ isAll: false, sessions: [{ name: 'prod-db' }] });
    expect(JSON.stringify(listings)).not.toContain('dave');
    expect(await codeOf(here.typed(`${quarter} --session prod-web`))).toBe('NOT_REVIEWER');
    expect(await codeOf(here.typed(`${quarter} --session nowhere`))).toBe('NOT_REVIEWER');
  });

  test('nobody else', async () => {
    here.groups = ['engineers'];
    expect(await codeOf(here.typed(quarter, alice))).toBe('NOT_YOURS');
    expect([here.out, here.read]).toEqual([[], []]);
  });

  test('without a period nobody', async () => {
    await expect(here.typed('review')).rejects.toMatchObject({ code: 'BAD_COMMAND' });
    await expect(here.typed('review')).rejects.toBeInstanceOf(Refused);
  });
});

describe('a listing', () => {
  test('its digest is that of its CSV, alone, whatever form was asked for', async () => {
    const [listing] = await here.told(`${quarter} --session prod-db`);
    here.out = [];
    await here.typed(`${quarter} --session prod-db --csv`, bob, root);
    expect(sha256(`${here.out.join('\n')}\n`)).toBe(listing?.sha256);
    expect(here.out).toHaveLength(1 + (listing?.rows.length ?? 0));
    here.out = [];
    await here.typed(`${quarter} --session prod-db`);
    expect(here.out).toContain(`SHA-256 of this listing: ${listing?.sha256}`);
    here.out = [];
    await here.typed(`${quarter} --csv`, bob, root);
    expect(here.out.filter((line) => line.startsWith('host,'))).toHaveLength(1);
  });

  test('is read as a table: what is empty is said, and the command to sign off is spelt for who reads', async () => {
    await here.typed(quarter);
    const text = here.out.join('\n');
    expect(text).toContain('Access review of prod-db on prod-box, 2001-Q2 (UTC)');
    expect(text).toContain('Exceptions: none');
    expect(text).toMatch(/alice +alice@example\.com +bob +1 +1 +30m +2001-04-02 10:00:00 +2001-04-02 10:30:00/);
    expect(text).toContain('May ask: members of\n  engineers\n  admins');
    expect(text).toContain('sessions.prod-db.approvers.groups: oncall  (1 needed)');
    expect(text).toContain(`2001-01-02 09:00:00 UTC  ${'ab'.repeat(32)}`);
    expect(text).toContain('Nobody has signed this off.\nNot signed off before: 2001-Q1');
    expect(text).toMatch(
      /To sign it off: ssh prod-box review --period 2001-Q2 --session prod-db --looked-at [0-9a-f]{64} /,
    );
    await here.typed(quarter, bob, root);
    expect(here.out.join('\n')).toContain('To sign it off: tmux-gate review --period 2001-Q2');
  });

  test('of a period that is not over says so, and names no command', async () => {
    await here.typed('review --period 2001-Q3', bob, root);
    expect(here.notes.join('\n')).toContain('2001-Q3 is not over: it ends on 2001-10-01 00:00:00 UTC.');
    expect(here.out.join('\n')).not.toContain('To sign it off');
    expect((await here.told('review --period 2001-Q3'))[0]?.isOver).toBe(false);
  });

  test('shows logins with a pin and those that the policy maps, though nobody came', async () => {
    await here.world.deps.pins.set('dave', alice);
    const { oidc } = here.world.deps.config;
    const claims = { ...oidc.claims, login: { claim: 'sub', map: { erin: 'e-1', dave: 'd-1' } } };
    Object.assign(here.world.deps, { config: { ...here.world.deps.config, oidc: { ...oidc, claims } } });
    const [listing] = await here.told(`${quarter} --session prod-db`);
    const silent = listing?.rows.filter(({ what }) => what === 'unused').map(({ login }) => login);
    expect(silent).toEqual(['dave', 'erin']);
  });

  test('of thousands of people is shown whole, in parts that a gate takes one after another', async () => {
    here.records = crowd(4_000);
    const [listing] = await here.told(`${quarter} --session prod-db`);
    expect(listing?.rows.filter(({ login }) => String(login).startsWith('login-')).length).toBeGreaterThanOrEqual(
      4_000,
    );
    expect(here.notes).toEqual([]);
    expect(here.parts.length).toBeGreaterThan(4);
    const sizes = here.parts.map((lines) => [lines.join('').length <= 64 * 1024, lines.length <= 1_000]);
    expect(sizes.flat().every(Boolean)).toBe(true);
    here.out = [];
    await here.typed(`${quarter} --session prod-db --csv`, bob, root);
    expect(sha256(`${here.out.join('\n')}\n`)).toBe(listing?.sha256);
  });

  test('that is too long is not shown, not cut', async () => {
    here.records = crowd(40_000);
    const listings = await here.told(quarter);
    expect(listings.map(({ session }) => session)).toEqual(['prod-web', 'old-db']);
    expect(here.notes).toEqual([expect.stringContaining('The listing of prod-db is too long')]);
  });
});
