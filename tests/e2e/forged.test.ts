// Law 8: Redis is a notice board, not a judge. Whoever can write to it can deny service, never mint or lengthen access.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { Host } from '../../scripts/sandbox/host.ts';
import {
  ask,
  comeBack,
  connections,
  enter,
  eventually,
  journal,
  redis,
  testHost,
  verb,
  type Inside,
} from '../house/inside.ts';
import {
  hostKeys,
  payloadOf,
  plantGrant,
  strangersKeys,
  tell,
  unsigned,
  type Grant,
  type Keys,
} from '../house/forge.ts';

let host: Host;
let own: Keys;
let stranger: Keys;
/** A grant that was genuine, and its key is gone. */
let old: { readonly jws: string; readonly grant: Grant };
const hour = 3_600_000;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgd', people: { carol: ['engineers'], dave: ['oncall'] } });
  [own, stranger] = [await hostKeys(host.layout), await strangersKeys()];
  const inside = await enter(host, host.people.alice);
  const jws = await redis(host.layout, 'get', keyOf(inside));
  old = { jws, grant: payloadOf(jws) as unknown as Grant };
  await host.cli(['revoke', inside.grant]);
  await inside.terminal.exit;
});
afterAll(async () => host[Symbol.asyncDispose]());
beforeEach(() => expect(connections(host.layout)).toEqual([]));

const keyOf = ({ session, who, grant }: Inside): string => `tmux-gate:grant:prod-box:${session}:${who.login}:${grant}`;
const count = (event: string): number => journal(host.layout).filter((record) => record.event === event).length;

/** Asking anew is what a visit without a grant comes to. @returns the request, withdrawn again. */
async function expectAsked(): Promise<string> {
  const before = count('connected');
  const { terminal, request } = await ask(host, host.people.alice);
  terminal.type('q');
  expect(await terminal.exit).toMatchObject({ code: 130 });
  expect(count('connected')).toBe(before);
  return request;
}

/** A grant that would open, if the one thing that is changed were allowed. */
function freshGrant(change: Partial<Grant> = {}): Grant {
  const start = Date.now() - 1_000;
  return { ...old.grant, id: 'F0RGEDF0RG', start, end: start + hour, ...change };
}

const place = (change: object = {}) => ({
  session: 'prod-db',
  login: host.people.alice.login,
  id: 'F0RGEDF0RG',
  expires: Date.now() + hour,
  ...change,
});

async function expectOpensNothing(jws: string, where = place()): Promise<void> {
  const key = await plantGrant(host.layout, jws, where);
  await expectAsked();
  await redis(host.layout, 'del', key);
}

test('the forger of these tests is a good one: the same grant, signed by this host, opens', async () => {
  const key = await plantGrant(
    host.layout,
    await own.sign('grant', freshGrant({ id: 'GENV1NEGEN' })),
    place({ id: 'GENV1NEGEN' }),
  );
  const inside = await comeBack(host, host.people.alice);
  expect(inside.grant).toBe('GENV1NEGEN');
  await redis(host.layout, 'del', key);
  await inside.terminal.exit;
  await eventually('it is gone', () => connections(host.layout).length === 0);
});

test('law 8: a grant without a signature, or signed by another key, opens nothing', async () => {
  const jws = await own.sign('grant', freshGrant());
  for (const forged of unsigned(jws)) await expectOpensNothing(forged);
  await expectOpensNothing(await stranger.sign('grant', freshGrant()));
  const [header, , signature] = jws.split('.');
  const other = Buffer.from(JSON.stringify(freshGrant({ end: Date.now() + 9 * hour }))).toString('base64url');
  await expectOpensNothing([header, other, signature].join('.'));
});

test('law 8: a genuine grant of another kind, host, session, login or person opens nothing', async () => {
  await expectOpensNothing(await own.sign('review', freshGrant()));
  const { who } = old.grant;
  const changes = [
    { host: 'prod-box-2' },
    { session: 'prod-web' },
    { who: { ...who, login: host.people.bob.login } },
    { who: { ...who, subject: 'another' } },
  ];
  for (const change of changes) await expectOpensNothing(await own.sign('grant', freshGrant(change)));
});

test('law 8: a genuine grant that is over, revoked or whose key never expires opens nothing', async () => {
  const id = '0VERGRANT0';
  const over = await own.sign('grant', freshGrant({ id, start: Date.now() - hour, end: Date.now() - 1_000 }));
  await expectOpensNothing(over, place({ id }));
  expect(journal(host.layout).filter(({ event, grant }) => event === 'grant-ended' && grant === id)).toEqual([]);
  await expectOpensNothing(old.jws, place({ id: old.grant.id }));
  await expectOpensNothing(await own.sign('grant', freshGrant()), place({ expires: undefined }));
});

test('law 8: a longer life of the key lengthens no window', async () => {
  const inside = await enter(host, host.people.alice, { window: '10s' });
  await redis(host.layout, 'pexpireat', keyOf(inside), String(Date.now() + hour));
  expect(await inside.terminal.exit).toMatchObject({ code: 0 });
  expect(Date.now()).toBeLessThan(inside.end + 15_000);
  await eventually('it is gone', () => connections(host.layout).length === 0);
  await expectAsked();
});

test('law 8: a forged request is not listed and cannot be approved', async () => {
  const request = await expectAsked();
  const genuine = await redis(host.layout, 'hget', `tmux-gate:request:${request}`, 'jws');
  const forged = { ...payloadOf(genuine), id: 'F0RGED', answerBy: Date.now() + hour };
  for (const jws of [await stranger.sign('request', forged), genuine, JSON.stringify(forged)]) {
    await redis(host.layout, 'hset', 'tmux-gate:request:F0RGED', 'jws', jws, 'state', 'pending');
    await redis(host.layout, 'pexpireat', 'tmux-gate:request:F0RGED', String(Date.now() + hour));
    await redis(host.layout, 'zadd', 'tmux-gate:requests', '1', 'F0RGED');
    expect((await verb(host.people.bob, ['requests'])).text).not.toContain('F0RGED');
    const { code, text } = await verb(host.people.bob, ['approve', 'F0RGED']);
    expect({ code, text }).toEqual({ code: 77, text: expect.stringContaining('[REQUEST_FORGED]') });
  }
  await redis(host.layout, 'del', 'tmux-gate:request:F0RGED');
});

test('law 8: forged reviews and a forged state approve nothing', async () => {
  const { terminal, request } = await ask(host, host.people.alice);
  const key = `tmux-gate:request:${request}`;
  const review = reviewOf(request, await redis(host.layout, 'hget', key, 'jws'));
  const grants = count('granted');
  const forged = [
    await stranger.sign('review', review),
    await own.sign('review', { ...review, digest: '0'.repeat(64) }),
    await own.sign('review', { ...review, request: 'ANDERE' }),
    await own.sign('review', { ...review, groups: ['engineers'] }),
    await own.sign('review', { ...review, by: old.grant.who }),
    await own.sign('review', { ...review, host: 'prod-box-2' }),
    await own.sign('grant', review),
    JSON.stringify(review),
  ];
  for (const [n, jws] of forged.entries())
    await redis(host.layout, 'hset', key, `review:${'f'.repeat(63)}${String(n)}`, `00${String(n)} ${jws}`);
  await tell(host.layout, 'reviewed', { id: request });
  await tell(host.layout, 'granted', {
    id: request,
    grant: 'F0RGEDF0RG',
    host: 'prod-box',
    session: 'prod-db',
    login: host.people.alice.login,
  });
  await redis(host.layout, 'hset', key, 'state', 'approved');
  await tell(host.layout, 'reviewed', { id: request });
  await redis(host.layout, 'hset', key, 'state', 'pending');
  // Events are heard in their order: with this one answered, the forged ones have been looked at.
  const denied = await verb(host.people['dave'] ?? host.people.bob, ['deny', request, '--reason', 'forged']);
  expect(denied).toMatchObject({ code: 0 });
  expect(await terminal.exit).toMatchObject({ code: 77 });
  expect(terminal.text).toContain('[DENIED]');
  expect(count('granted')).toBe(grants);
});

test('law 8: an answered request that somebody opens again in Redis grants nothing a second time', async () => {
  const inside = await enter(host, host.people.alice);
  const key = `tmux-gate:request:${inside.request}`;
  await verb(host.people.bob, ['revoke', inside.grant]);
  await inside.terminal.exit;
  const grants = count('granted');
  await redis(host.layout, 'hset', key, 'state', 'pending');
  await redis(host.layout, 'pexpireat', key, String(Date.now() + hour));
  await redis(host.layout, 'zadd', 'tmux-gate:requests', '1', inside.request);
  await tell(host.layout, 'reviewed', { id: inside.request });
  await heard();
  expect(count('granted')).toBe(grants);
  const terminal = host.people.alice.ssh(['-t', 'prod-db', '--reason INC-2 again']);
  await Promise.race([terminal.exit, terminal.until(/Waiting|left\)/)]);
  terminal.type('q');
  await terminal.exit;
  expect(count('granted')).toBe(grants);
  expect(terminal.text).not.toContain('left)');
});

/** Resolves when the keeper has heard every event so far: one of our own is answered. */
async function heard(): Promise<void> {
  const { terminal, request } = await ask(host, host.people['carol'] ?? host.people.alice);
  await verb(host.people.bob, ['deny', request, '--reason', 'later']);
  await terminal.exit;
}

/** What bob's approval would say. */
function reviewOf(request: string, jws: string): object {
  const { account, login } = host.people.bob;
  const by = { issuer: old.grant.who.issuer, subject: account.sub, claim: account.email, login };
  const digest = createHash('sha256').update(jws).digest('hex');
  return {
    request,
    digest,
    host: 'prod-box',
    verdict: 'approve',
    by,
    groups: ['oncall'],
    at: Date.now(),
    proof: { issuedAt: Date.now() },
  };
}
