// Law 5: revocation bites, whoever may revoke and whatever Redis says afterwards.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { ask, connections, enter, isAlive, journal, testHost, verb, type Inside } from '../harness/inside.ts';
import { redis } from '../harness/store-under-test.ts';

let host: Host;
let inside: Inside;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgd' });
});
afterAll(async () => host[Symbol.asyncDispose]());
beforeEach(async () => {
  if (connections(host.layout).length === 0) inside = await enter(host, host.people.alice);
});

const key = ({ session, who, grant }: Inside): string => `{tmux-gate}:grant:prod-box:${session}:${who.login}:${grant}`;

async function expectCut(says: string): Promise<void> {
  expect(await inside.terminal.exit).toMatchObject({ code: 77 });
  expect((await inside.terminal.screen()).join(' ')).toContain(says);
  await eventually('the gate is gone', () => !isAlive(inside.gate.pid));
  await eventually('the connection is forgotten', () => connections(host.layout).length === 0);
}

/** Asking again is what a visit without a grant comes to. */
async function expectShut(): Promise<void> {
  const { terminal } = await ask(host, host.people.alice);
  terminal.type('q');
  expect(await terminal.exit).toMatchObject({ code: 130 });
  expect(terminal.text).not.toMatch(/until \d\d:\d\d:\d\d UTC \(/);
}

test('law 5: somebody who is neither owner nor approver reads NOT_YOURS, and the visit goes on', async () => {
  const { code, text } = await verb(host.people.mallory, ['revoke', inside.grant]);
  expect(code).toBe(77);
  expect(text).toContain('[NOT_YOURS]');
  inside.terminal.type('echo "still-$((6*7))"\r');
  await inside.terminal.until('still-42');
  expect(await redis(host.layout, 'exists', key(inside))).toBe('1');
});

test('law 5: an approver revokes over ssh with a reason; the person is out at once and reads by whom and why', async () => {
  const { code, text } = await verb(host.people.bob, ['revoke', inside.request, '--reason', 'wrong', 'host; rm -rf /']);
  expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining('confirmed') });
  await expectCut(`was revoked by ${host.people.bob.login} (${host.people.bob.account.email}): wrong host; rm -rf /.`);
  expect(journal(host.layout).findLast(({ event }) => event === 'revoked')).toMatchObject({
    grant: inside.grant,
    reason: 'wrong host; rm -rf /',
  });
  // Told of them, not to them.
  const why = `revoked by ${host.people.bob.login}`;
  expect(journal(host.layout).findLast(({ event }) => event === 'disconnected')).toMatchObject({
    why: expect.stringMatching(new RegExp(`^${why} `)),
  });
  expect(await redis(host.layout, 'exists', key(inside))).toBe('0');
  await expectShut();
});

test('law 5: the owner gives a grant back from another terminal', async () => {
  expect((await verb(host.people.alice, ['revoke', inside.grant])).code).toBe(0);
  await expectCut('was revoked by');
});

test('law 5: root on the host revokes without an identity', async () => {
  const { code, stdout, stderr } = await host.cli(['revoke', inside.grant, '--reason', 'incident over']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('confirmed');
  await expectCut('was revoked by root: incident over.');
});

test('law 5: FLUSHALL ends every visit', async () => {
  await redis(host.layout, 'flushall');
  await expectCut('was withdrawn');
  await expectShut();
});
