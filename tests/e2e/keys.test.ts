// Another key signs for the host while people are attached, requests wait and evidence is out (laws 7 and 8): `tmux-gate keys`.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { openKeys, type KeysOfKeeper } from '../../src/adapters/keys.ts';
import { grantShape } from '../../src/core/grant.ts';
import { layoutAt } from '../../src/wire/layout.ts';
import { approvalBy, plantReview, requestOnBoard } from '../harness/forge.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { approve, connections, journal, rootRuns, testHost } from '../harness/inside.ts';
import { redis } from '../harness/store-under-test.ts';
import { peerHost, withPeer } from '../harness/peer.ts';
import { leaveQueue, letIn, requestAccess, rows, say, says, shellPrompt } from '../harness/visits.ts';

let host: Host;
let folder: string;
let alice: Person, bob: Person, carol: Person, erin: Person;
const run = promisify(execFile);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
  const people = { carol: ['engineers'], erin: ['oncall'] };
  host = await testHost({ prefix: 'tgkey', people, config: withPeer });
  ({ alice, bob, carol = bob, erin = bob } = host.people);
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Listed {
  readonly host: string;
  readonly fingerprint: string;
  readonly use: string;
  readonly state: string;
}

const keys = async (...words: readonly string[]): Promise<string> => rootRuns(host, 'keys', ...words);
const json = async <T>(...words: readonly string[]): Promise<T> => JSON.parse(await keys(...words)) as T;
const signing = async (): Promise<readonly string[]> =>
  (await json<readonly Listed[]>('list', '--json'))
    .filter((key) => key.use === 'signing' && key.host === 'prod-box')
    .map(({ state }) => state);
const published = (): string => `${layoutAt(host.root).keys}/host.pub.jwk`;

/** As another host sees this one, which has the public keys of this moment, at another time. */
async function peerWith(name: string, now: () => number = Date.now): Promise<KeysOfKeeper> {
  const path = join(folder, `${name}.jwk`);
  copyFileSync(published(), path);
  return openKeys({ folder: join(folder, 'peer'), host: 'box-other', peers: { 'prod-box': path }, now });
}

/** The grants of a login in the store, as they are signed. */
async function grantsOf(person: Person): Promise<readonly string[]> {
  const names = (await redis(host.layout, 'keys', `{tmux-gate}:grant:prod-box:*:${person.login}:*`)).split('\n');
  return Promise.all(names.filter(Boolean).map(async (name) => redis(host.layout, 'get', name)));
}

test('live connections, an approval of before and evidence outlive a rotation; peers take both keys until the end of the old one', async () => {
  const [hers, theirs] = [await letIn(host, alice), await letIn(host, carol)];
  const [old = ''] = await grantsOf(alice);
  const two = await requestAccess(alice, { session: 'prod-two' });
  await approve(bob, two.request);
  const file = join(folder, 'before.tar');
  expect(await host.cli(['evidence', hers.request, '-o', file])).toMatchObject({ code: 0 });
  const verifierKey = (await host.cli(['audit', 'key'])).stdout.trim();

  const unprepared = await host.cli(['keys', 'rotate']);
  expect([unprepared.code, unprepared.stderr.includes('[NEXT_KEY_MISSING]')]).toEqual([65, true]);
  const untold = await peerWith('untold');
  const { next } = await json<{ next: string }>('rotate', '--prepare', '--json');
  expect(await signing()).toEqual(['next', 'current']);
  const told = await peerWith('told');
  const said = await keys('rotate', '--reason', 'yearly rotation');
  expect(said).toContain(`${next} signs for prod-box from now on.`);
  expect(said).toContain('Before then, copy ');
  expect(await signing()).toEqual(['retired', 'current']);
  expect(journal(host.layout).findLast(({ event }) => event === 'key-rotated')).toMatchObject({
    ...{ key: next, by: expect.stringContaining('root'), leaked: false, reason: 'yearly rotation' },
  });

  expect([await says(hers, 'echo one'), await says(theirs, 'echo two')]).toEqual(['one', 'two']);
  await approve(erin, two.request); // the second of two: the first was signed by the old key
  await two.terminal.until(shellPrompt);
  const again = alice.ssh(['-t', 'prod-db']); // under the sign-in and the grant of before
  await again.until(shellPrompt);
  expect(again.text).not.toContain('user_code=');
  expect(connections(host.layout)).toHaveLength(4);

  const script = `${host.root}/usr/lib/tmux-gate/evidence/verify.sh`;
  const after = join(folder, 'after.tar');
  expect(await host.cli(['evidence', two.request, '-o', after])).toMatchObject({ code: 0 });
  for (const one of [file, after])
    expect((await run('sh', [script, '--key', verifierKey, one])).stdout).toContain('\nVERIFIED');
  expect((await host.cli(['audit', 'verify'])).code).toBe(0);
  expect((await host.cli(['audit', 'key'])).stdout.trim()).toBe(verifierKey);

  const fresh = (await grantsOf(alice)).find((jws) => jws !== old) ?? '';
  const isTaken = async (peer: KeysOfKeeper): Promise<readonly boolean[]> =>
    Promise.all([old, fresh].map(async (jws) => (await peer.verify(jws, 'grant', grantShape)) !== undefined));
  const later = await peerWith('later', () => Date.now() + 25 * 3_600_000);
  expect([
    await isTaken(untold),
    await isTaken(told),
    await isTaken(await peerWith('now')),
    await isTaken(later),
  ]).toEqual([
    [true, false],
    [true, true],
    [true, true],
    [false, true],
  ]);
  await Promise.all([hers, theirs, two].map(async ({ request }) => host.cli(['revoke', request])));
  await Promise.all([hers.terminal, theirs.terminal, two.terminal, again].map(async ({ exit }) => exit));
}, 120_000);

test('a restarted keeper goes on with the same keys, and the list is for people and for programs', async () => {
  const before = await keys('list', '--json');
  await host.keeper.stop();
  await host.keeper.start();
  expect(await keys('list', '--json')).toBe(before);
  expect(await keys('list')).toMatch(
    /^HOST +FINGERPRINT +USE +STATE +SINCE +UNTIL\nprod-box +\S{43} +journal +current/,
  );
  expect((JSON.parse(before) as Listed[]).filter((key) => key.host === peerHost).map(({ state }) => state)).toEqual([
    ...['current', 'accepted'],
  ]);
});

test.each<readonly [words: readonly string[], says: string]>([
  [['show'], 'Type keys list, or keys rotate'],
  [['list', '--leaked'], 'belong to keys rotate'],
  [['rotate', '--prepare', '--leaked'], 'one at a time'],
])('keys %j is refused', async (words, what) => {
  const { code, stderr } = await host.cli(['keys', ...words]);
  expect([code, stderr.includes(what)]).toEqual([64, true]);
});

test('nobody over ssh sees or rotates keys', async () => {
  for (const words of [
    ['keys', 'list'],
    ['keys', 'rotate', '--leaked'],
  ])
    expect((await say(bob, words)).text).toContain('[LOCAL_ONLY]');
});

describe('a peer that rotated', () => {
  test('is heard with its new key; a review by the old one counts no more after its end', async () => {
    const peer = await openKeys({ folder: join(folder, 'rotated'), host: peerHost, peers: {} });
    const stale = await openKeys({ folder: join(folder, 'rotated'), host: peerHost, peers: {} });
    const next = await peer.makeNext(async () => Promise.resolve());
    await peer.rotate(next, { until: Date.now(), leaked: true });
    writeExact(`${host.layout.etc}/${peerHost}.jwk`, readFileSync(await peer.publish(), 'utf8'), 0o644);
    expect(await host.cli(['reload'])).toMatchObject({ code: 0 });
    const waiting = await requestAccess(alice, { session: 'prod-two' });
    const { facts, digest } = await requestOnBoard(host.layout, waiting.request);
    const review = (by: Person): object => ({ ...approvalBy(by, facts, digest), host: peerHost });
    await plantReview(host.layout, waiting.request, await stale.sign('review', review(bob)));
    await plantReview(host.layout, waiting.request, await peer.sign('review', review(erin)));
    const seen = await eventually('one approval counts', async () =>
      (await rows(bob, 'requests')).find((row) => row['id'] === waiting.request && Number(row['approvals']) > 0),
    );
    expect(seen['approvals']).toBe(1);
    await leaveQueue(waiting);
  });
});

describe('a key that leaked', () => {
  test('ends at once: who is attached stays, and everybody signs in and asks anew', async () => {
    const inside = await letIn(host, alice);
    const [old = ''] = await grantsOf(alice);
    const said = await keys('rotate', '--leaked', '--reason', 'INC-7 backup was read');
    expect(said).toContain('has ended: people sign in and ask anew');
    expect(said).toContain('1 connection goes on');
    expect(await says(inside, 'echo in')).toBe('in');
    const peer = await peerWith('leaked');
    expect(await peer.verify(old, 'grant', grantShape)).toBeUndefined();
    const again = await requestAccess(alice);
    expect(again.terminal.text).toContain('user_code=');
    await leaveQueue(again);
    await host.cli(['revoke', inside.request]);
    await inside.terminal.exit;
    expect((await host.cli(['audit', 'verify'])).code).toBe(0);
  });

  test('and the doctor sees a file of keys that others can read', async () => {
    const ring = `${layoutAt(host.root).keys}/signing.json`;
    chmodSync(ring, 0o640);
    try {
      const { stdout } = await host.cli(['doctor', '--json']);
      expect(stdout).toMatch(/signing\.json has mode 0640/);
    } finally {
      chmodSync(ring, 0o600);
    }
  });
});
