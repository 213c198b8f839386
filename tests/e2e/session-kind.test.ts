// kind: dedicated (docs/design.md, "One visit"): each person's grant has a tmux server, a cgroup, a socket folder and a temporary home of
// its own, and all of it ends with the grant (law 6).
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { account } from '../../scripts/sandbox/accounts.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { hostKeys, payloadOf, plantGrant, type Grant } from '../harness/forge.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { comeBack, endGrants, cgroupPids, isAlive, journal, testHost } from '../harness/inside.ts';
import { redis } from '../harness/store-under-test.ts';
import { plain } from '../harness/refused.ts';
import { homes, homesFolder, servers, type ServerFacts } from '../harness/servers.ts';
import { endIt, requestAccess, leaveQueue, letIn, putInOrder, say, says, type Waiting } from '../harness/visits.ts';

let host: Host;
let alice: Person;
let carol: Person;

const policies = (host: Host): Record<string, object> => (host.config as { sessions: Record<string, object> }).sessions;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tga',
    people: { carol: ['engineers'] },
    config: (config) => ({
      ...config,
      sessions: {
        'prod-db': config.sessions['prod-db'],
        'prod-own': { ...config.sessions['prod-db'], kind: 'dedicated' },
      },
    }),
  });
  ({ alice } = host.people);
  carol = host.people['carol'] ?? alice;
});
afterAll(async () => host[Symbol.asyncDispose]());
/** What a test made is over before the next one counts. */
const settled = async (): Promise<boolean> =>
  eventually('all is over', () => servers(host.layout).length + homes(host.layout).length === 0);
beforeEach(async () => {
  await settled();
});
afterEach(async () => {
  if (host.keeper.pid === undefined) await host.keeper.start();
  await putInOrder(host);
});

const enterOwn = async (person: Person, window = '5m'): Promise<Waiting> =>
  letIn(host, person, { session: 'prod-own', window });

const mine = (person: Person): ServerFacts => {
  const found = servers(host.layout).filter(({ owner }) => owner?.login === person.login);
  expect(found).toHaveLength(1);
  return found[0]!;
};

test('two people in it at once share no server, no home and no socket folder; they share the account', async () => {
  const [one, two] = [await enterOwn(alice), await enterOwn(carol)];
  const [hers, other] = [mine(alice), mine(carol)];
  expect(hers.pid).not.toBe(other.pid);
  expect(plain(one.terminal.text)).toContain(
    'The session and its home are yours alone. Both are removed when your access ends.',
  );
  for (const [visit, { id }] of [
    [one, hers],
    [two, other],
  ] as const) {
    expect(await says(visit, 'echo $HOME; pwd')).toBe(
      `${homesFolder(host.layout)}/${id} ${homesFolder(host.layout)}/${id}`,
    );
    expect(await says(visit, 'echo $TMUX | cut -d, -f1')).toBe(`${host.layout.run}/s/${id}/sock`);
    expect(await says(visit, 'tmux list-clients | wc -l')).toBe('1');
    expect(await says(visit, 'id -un')).toBe(host.layout.sessionAccount);
    const { uid } = account(host.layout.sessionAccount);
    expect(lstatSync(`${homesFolder(host.layout)}/${id}`)).toMatchObject({ uid, mode: 0o040700 });
    expect(cgroupPids(host.layout, 's', id).length).toBeGreaterThan(1);
  }
  one.terminal.type('MARK=hers; touch ~/hers\r');
  expect(await says(two, 'echo $MARK; ls ~')).toBe('');
  await endIt(host, one);
  await endIt(host, two);
});

test('law 6: each ends with its own grant, processes and home included; the other goes on', async () => {
  const [one, two] = [await enterOwn(alice), await enterOwn(carol)];
  const [hers, other] = [mine(alice), mine(carol)];
  await says(one, 'setsid -f sleep 3101 >/dev/null 2>&1; echo ok');
  one.terminal.type('touch ~/planted; (trap "" HUP TERM; while :; do sleep 1; done) & clear\r');
  await eventually('it runs', () => cgroupPids(host.layout, 's', hers.id).length > 3);
  const pids = cgroupPids(host.layout, 's', hers.id);
  await endIt(host, one);
  await eventually('her home is gone', () => !homes(host.layout).includes(hers.id));
  expect(pids.filter(isAlive)).toEqual([]);
  // Its state goes behind its record, which may come behind its home.
  const left = (): boolean => !servers(host.layout).some(({ id }) => id === hers.id);
  await eventually('nothing is written down of it', left);
  expect(servers(host.layout).map(({ id }) => id)).toEqual([other.id]);
  const ended = journal(host.layout).find(({ event, id }) => event === 'session-ended' && id === hers.id);
  expect(ended).toMatchObject({ session: 'prod-own', login: alice.login, why: 'its last grant ended' });
  expect(await says(two, 'ls -d ~')).toBe(`${homesFolder(host.layout)}/${other.id}`);
  await endIt(host, two);
  await settled();
  const again = await enterOwn(alice);
  expect(await says(again, 'ls -A ~')).toBe('');
  await endIt(host, again);
});

test('a dropped line comes back to the same server and home within the window', async () => {
  const inside = await enterOwn(alice);
  const { id } = mine(alice);
  inside.terminal.type('MARK=still; touch ~/mine; clear\r');
  await says(inside, 'echo ready');
  inside.terminal.kill('SIGKILL');
  const again = await comeBack(host, alice, 'prod-own');
  expect(mine(alice).id).toBe(id);
  expect(await says(again, 'ls ~; echo $MARK')).toBe('mine still');
  await endIt(host, { ...again, request: again.request });
});

test('a grant that overlaps keeps server and connection over the end of the first; the last one ends both', async () => {
  const inside = await enterOwn(alice, '10s');
  const { id } = mine(alice);
  const end = await overlap(alice, 'prod-own', 15_000);
  (await comeBack(host, alice, 'prod-own')).terminal.kill('SIGKILL');
  await eventually('the first grant ended', () => ended(inside.request));
  expect(await says(inside, 'echo on')).toBe('on');
  expect(mine(alice).id).toBe(id);
  expect(await inside.terminal.exit).toMatchObject({ code: 0 });
  expect(Date.now()).toBeGreaterThanOrEqual(end);
  await settled();
});

const ended = (request: string): boolean =>
  journal(host.layout).some((record) => record.event === 'grant-ended' && record['request'] === request);

/** A second grant of this host for the same person and session, which ends so much later than their first. */
async function overlap(person: Person, session: string, laterMs: number): Promise<number> {
  const key = (await redis(host.layout, 'keys', `{tmux-gate}:grant:prod-box:${session}:${person.login}:*`)).split(
    '\n',
  )[0];
  const first = payloadOf(await redis(host.layout, 'get', key ?? ''));
  const { id, host: on, who, reason, approvers, digest, request, start, end } = first as unknown as Grant;
  const grant: Grant = {
    ...{ id: `${id.slice(1)}Z`, host: on, session, who, reason, approvers, digest, request: `${request.slice(1)}Z` },
    ...{ start, end: end + laterMs },
  };
  const jws = await (await hostKeys(host.layout)).sign('grant', grant);
  await plantGrant(host.layout, jws, { session, login: person.login, id: grant.id, expires: grant.end });
  return grant.end;
}

test('law 4: the next keeper takes over what a grant keeps, and removes homes that are nobody’s', async () => {
  const inside = await enterOwn(alice);
  const { id } = mine(alice);
  await says(inside, 'touch ~/mine; echo ready');
  host.keeper.kill('SIGKILL');
  await host.keeper.exit;
  const stray = `${homesFolder(host.layout)}/0STRAYSTRA`;
  mkdirSync(`${stray}/below`, { recursive: true });
  writeFileSync(`${stray}/below/file`, '');
  await host.keeper.start();
  await eventually('the stray is gone', () => homes(host.layout).join() === id);
  const again = await comeBack(host, alice, 'prod-own');
  expect(await says(again, 'ls ~')).toBe('mine');
  host.keeper.kill('SIGKILL');
  await host.keeper.exit;
  await host.keeper.start();
  expect(mine(alice).id).toBe(id);
  await endIt(host, inside);
  await again.terminal.exit;
});

test('law 4: a grant that ended while no keeper ran takes server and home with it at the next start', async () => {
  const inside = await enterOwn(alice, '10s');
  const { id } = mine(alice);
  host.keeper.kill('SIGKILL');
  await host.keeper.exit;
  await inside.terminal.exit;
  expect(homes(host.layout)).toEqual([id]);
  await host.keeper.start();
  expect(servers(host.layout)).toEqual([]);
  await eventually('its home is gone', () => homes(host.layout).length === 0);
  expect(journal(host.layout)).toContainEqual(
    expect.objectContaining({ event: 'session-ended', id, why: 'at start: no grant keeps it' }),
  );
});

test('a session that became dedicated is not come back to as a shared one: the next start ends it', async () => {
  const inside = await letIn(host, alice);
  const [shared] = servers(host.layout);
  const config = host.config;
  const own = policies(host)['prod-own'];
  await host.keeper.stop();
  host.writeConfig({ ...config, sessions: { 'prod-db': own, 'prod-own': own } });
  try {
    await host.keeper.start();
    await inside.terminal.exit;
    expect(servers(host.layout)).toEqual([]);
    expect(journal(host.layout)).toContainEqual(
      expect.objectContaining({ event: 'session-ended', id: shared?.id, why: 'at start: its policy has changed' }),
    );
    const again = await letIn(host, alice); // approved anew: nobody had approved this
    expect(await says(again, 'echo $HOME')).toBe(`${homesFolder(host.layout)}/${mine(alice).id}`);
    await endIt(host, again);
    await settled();
  } finally {
    await host.keeper.stop();
    host.writeConfig(config);
  }
});

test('law 8: what was approved for a session of one kind opens none of another, and a request for it is over', async () => {
  const inside = await enterOwn(alice);
  const waiting = await requestAccess(carol, { session: 'prod-own' });
  const before = host.config as { sessions: Record<string, object> };
  await host.keeper.stop();
  host.writeConfig({ ...before, sessions: { ...before.sessions, 'prod-own': before.sessions['prod-db'] } });
  await host.keeper.start();
  await Promise.all([inside.terminal.exit, waiting.terminal.exit]);
  const approval = await say(host.people.bob, ['approve', waiting.request]);
  expect(plain(approval.text)).toContain(
    `Request ${waiting.request} was answered or withdrawn before your approval counted.`,
  );
  const why = 'its session no longer runs as what was asked for';
  expect(journal(host.layout)).toContainEqual(
    expect.objectContaining({ event: 'withdrawn', request: waiting.request, why }),
  );
  const again = await requestAccess(alice, { session: 'prod-own' });
  expect(again.request).not.toBe(inside.request);
  await leaveQueue(again);
  await host.keeper.stop();
  host.writeConfig(before);
  await host.keeper.start();
  await endGrants(host);
});
