// The keeper is killed (kill -9) in the middle of a reload. What comes back is a keeper with one whole policy, and nobody is inside who should
// not be.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import type { Host } from '../../../scripts/sandbox/host.ts';
import type { SandboxConfig } from '../../../scripts/sandbox/install.ts';
import { repo } from '../../../scripts/sandbox/layout.ts';
import { fallAt, falling, type Fall } from '../../harness/faults.ts';
import { expectSoon } from '../../harness/in-session.ts';
import { connections, endGrants, journal, testHost } from '../../harness/inside.ts';
import { mutantOf } from '../../harness/mutate.ts';
import { seenOn } from '../../harness/refused.ts';
import { letIn, requestAccess, leaveQueue } from '../../harness/visits.ts';

let host: Host;
let first: SandboxConfig;
const mutant = mutantOf(process.env['TMUX_GATE_DIST'] ?? join(repo, 'dist'), falling);

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq', dist: mutant.dist, config: (config) => (first = config) });
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  mutant[Symbol.dispose]();
});
afterEach(async () => {
  if (host.keeper.pid === undefined) await host.keeper.start();
  host.writeConfig(first);
  await host.cli(['reload']);
  await endGrants(host);
});

test.each<Fall>([
  'before policy',
  'after policy',
  'before disconnected',
  'after disconnected',
  'after policy-reloaded',
])('%s', async (where) => {
  host.writeConfig(first);
  expect((await host.cli(['reload'])).code).toBe(0);
  const inside = await letIn(host, host.people.alice);
  const { privileges, ...more } = { privileges: 'account', request: { answer_within: '3m' } };
  const sessions = { 'prod-db': { ...first.sessions['prod-db'], privileges } };
  host.writeConfig({ ...first, ...more, sessions });
  {
    using wished = fallAt(host.layout, where);
    expect(wished).toBeDefined();
    expect((await host.cli(['reload'])).code).toBe(69);
    await host.keeper.exit;
  }
  await host.keeper.start();
  // The new policy, whole: the session of before is over, and a request has the new time and the new terms.
  expect((await seenOn(inside.terminal)).code).not.toBe(0);
  await expectSoon(() => expect(connections(host.layout)).toEqual([])); // removed after its record
  const waiting = await requestAccess(host.people.alice);
  const asked = journal(host.layout).findLast(({ event }) => event === 'requested') as unknown as {
    readonly terms: string;
    readonly requestedAt: number;
    readonly answerBy: number;
  };
  expect(asked.terms).toContain('account');
  expect(asked.answerBy - asked.requestedAt).toBe(180_000);
  await leaveQueue(waiting);
  const ends = journal(host.layout).filter(({ event, request }) => event === 'disconnected' && request !== undefined);
  expect(ends.filter(({ connection }) => connection === undefined)).toEqual([]);
});
