// What a new policy means for who is attached, taken by a reload and by a restart: the same.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { SandboxConfig } from '../../scripts/sandbox/install.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { restartKeeper } from '../harness/faults.ts';
import { expectSoon, homeOf } from '../harness/in-session.ts';
import { connections, endGrants, journal, rootRuns, testHost } from '../harness/inside.ts';
import { plain, seenOn } from '../harness/refused.ts';
import { endIt, letIn, says } from '../harness/visits.ts';

let host: Host;
let first: SandboxConfig;
let alice: Person;

beforeAll(async () => {
  host = await testHost({ prefix: 'tga', config: (config) => (first = config) });
  ({ alice } = host.people);
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  host.writeConfig(first);
  await ways.reload();
  await endGrants(host);
  await alice[Symbol.asyncDispose]();
});

type Session = Readonly<Record<string, unknown>>;
type Sessions = Readonly<Record<string, Session>>;
const prodDb = (change: object = {}): Sessions => ({ 'prod-db': { ...first.sessions['prod-db'], ...change } });
const records = (event: string): readonly Readonly<Record<string, unknown>>[] =>
  journal(host.layout).filter((record) => record.event === event);

/** The same change, by a reload and by a restart. */
const ways = {
  reload: async () => rootRuns(host, 'reload'),
  restart: async () => restartKeeper(host),
} as const;
type Way = keyof typeof ways;

async function change(way: Way, sessions: Sessions): Promise<void> {
  host.writeConfig({ ...first, sessions });
  await ways[way]();
}

describe.each(['reload', 'restart'] as const)('somebody is attached, and by a %s', (way) => {
  test('the window is shorter and their group may no longer ask: they stay to their end, and may not come anew', async () => {
    const inside = await letIn(host, alice, { window: '30m' });
    const [before] = connections(host.layout);
    await change(way, prodDb({ who: ['others'], window: { default: '1m', max: '1m' } }));
    expect(await says(inside, 'echo still here')).toBe('still here');
    expect(connections(host.layout)).toEqual([before]);
    expect(plain((await seenOn(alice.ssh(['-t', 'prod-db']))).text)).toContain('[NOT_ALLOWED]');
  });

  test('the session is view-only: no key passes any more', async () => {
    const inside = await letIn(host, alice);
    await change(way, prodDb({ mode: 'view' }));
    // What the gate says: the keeper knows it before, and keys that are typed in between still pass.
    await inside.terminal.until(/\u001b\]2;view only, q leaves: /, { timeoutMs: 60_000 });
    const typed = `${homeOf(host)}/typed-${way}`; // of this host: one in /tmp would outlive a run that failed
    inside.terminal.type(`touch ${typed}\r`);
    await endIt(host, inside);
    expect(existsSync(typed)).toBe(false);
  });

  test.each<[string, (sessions: Sessions) => Sessions, string]>([
    ['the session is gone', () => ({ 'prod-two': prodDb()['prod-db'] as Session }), 'its policy is gone'],
    ['the session has other privileges', () => prodDb({ privileges: 'account' }), 'its policy has changed'],
    ['everybody has a session of their own', () => prodDb({ kind: 'dedicated' }), 'its policy has changed'],
  ])('%s: it ends, and so does whoever is in it', async (_, next, why) => {
    const inside = await letIn(host, alice);
    const ended = records('session-ended').length;
    await change(way, next(prodDb()));
    expect((await seenOn(inside.terminal)).code).not.toBe(0);
    await expectSoon(() => expect(connections(host.layout)).toEqual([])); // removed after its record
    expect(records('session-ended').slice(ended)).toEqual([
      expect.objectContaining({ why: expect.stringContaining(why) }),
    ]);
  });
});
