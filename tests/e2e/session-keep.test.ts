// at_expiry: keep (docs/design.md, "The end of access"): the session runs on with nobody attached, and the next grant comes back to it.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, cgroupPids, isAlive, journal, testHost } from '../harness/inside.ts';
import { plain } from '../harness/refused.ts';
import { servers, type ServerFacts } from '../harness/servers.ts';
import { endIt, letIn, putInOrder, rows, says, type Waiting } from '../harness/visits.ts';

let host: Host;
let alice: Person;
let carol: Person;
let config: { sessions: Record<string, object> };

beforeAll(async () => {
  host = await testHost({
    prefix: 'tga',
    people: { carol: ['engineers'] },
    config: ({ sessions, ...rest }) => ({
      ...rest,
      sessions: {
        'prod-db': { ...sessions['prod-db'], session_grace: '1s' },
        'prod-log': { ...sessions['prod-db'], session_grace: '1s', at_expiry: 'keep' },
      },
    }),
  });
  ({ alice } = host.people);
  carol = host.people['carol'] ?? alice;
  config = host.config as typeof config;
});
afterAll(async () => host[Symbol.asyncDispose]());

/** With a policy that keeps nothing, the next start ends what was kept. */
afterEach(async () => {
  if (host.keeper.pid === undefined) await host.keeper.start();
  await putInOrder(host);
  await restartWith({ 'prod-db': config.sessions['prod-db'] ?? {} });
  expect(servers(host.layout)).toEqual([]);
  await restartWith(config.sessions);
});

async function restartWith(sessions: Record<string, object>): Promise<void> {
  await host.keeper.stop();
  host.writeConfig({ ...config, sessions });
  await host.keeper.start();
}

const enterLog = async (person: Person, window = '5m'): Promise<Waiting> =>
  letIn(host, person, { session: 'prod-log', window });

/** Works in the session, leaves something running, and loses the grant. */
async function leaveKept(): Promise<ServerFacts> {
  const inside = await enterLog(alice);
  await says(inside, 'setsid -f sleep 3301 >/dev/null 2>&1; echo ok');
  inside.terminal.type('MARK=kept\r');
  await says(inside, 'echo $MARK');
  await endIt(host, inside);
  return kept();
}

const kept = async (): Promise<ServerFacts> =>
  eventually('it is kept', () => servers(host.layout).find((server) => server.kept !== undefined));

test('after its last grant it runs on with nobody attached, is listed as kept, and the next grant comes back to it', async () => {
  const { id, pid } = await leaveKept();
  expect(connections(host.layout)).toEqual([]);
  expect(isAlive(pid)).toBe(true);
  expect(cgroupPids(host.layout, 's', id).length).toBeGreaterThan(2);
  expect(journal(host.layout)).toContainEqual(
    expect.objectContaining({ event: 'session-kept', id, why: 'at_expiry: keep' }),
  );
  const [, log] = await rows(alice, 'sessions');
  expect(log).toMatchObject({ session: 'prod-log', running: true, attached: 0, since: expect.any(String) });
  expect(log?.['kept']).toEqual(expect.any(String));
  expect(plain((await host.cli(['sessions'])).stdout)).toContain('kept running, nobody attached');
  expect((await host.cli(['status'])).stdout).toMatch(/^sessions +1 running, 1 of them kept$/m);

  const next = await enterLog(carol);
  expect(await says(next, 'echo $MARK')).toBe('kept');
  expect(await says(next, 'tmux list-clients | wc -l')).toBe('1');
  expect(servers(host.layout)).toEqual([expect.objectContaining({ id, pid })]);
  expect((await host.cli(['status'])).stdout).toMatch(/^sessions +1 running$/m);
  await endIt(host, next);
  expect(await kept()).toMatchObject({ id, pid });
});

test('the next keeper takes a kept session over, and the next grant comes back to it', async () => {
  const { id, pid } = await leaveKept();
  host.keeper.kill('SIGKILL');
  await host.keeper.exit;
  await host.keeper.start();
  expect(await kept()).toMatchObject({ id, pid });
  const next = await enterLog(carol);
  expect(await says(next, 'echo $MARK')).toBe('kept');
  expect(servers(host.layout)).toEqual([expect.objectContaining({ id, pid })]);
  await endIt(host, next);
});

test('one whose last grant ended while no keeper ran is kept, and written down so, from the next start', async () => {
  const inside = await enterLog(alice, '10s');
  const [server] = servers(host.layout);
  host.keeper.kill('SIGKILL');
  await host.keeper.exit;
  await inside.terminal.exit;
  await host.keeper.start();
  expect(await kept()).toMatchObject({ id: server?.id });
  expect(journal(host.layout).filter(({ event, id }) => event === 'session-kept' && id === server?.id)).toHaveLength(1);
});

test.each([
  ['says kill', (): object => ({ ...config.sessions['prod-log'], at_expiry: 'kill' }), 'no grant keeps it'],
  [
    'runs it as it was not',
    (): object => ({ ...config.sessions['prod-log'], privileges: 'account' }),
    'its policy has changed',
  ],
] as const)('a kept session ends at the next start when the policy %s', async (_, policy, why) => {
  const { id, pid } = await leaveKept();
  const pids = cgroupPids(host.layout, 's', id);
  await restartWith({ ...config.sessions, 'prod-log': policy() });
  expect(pids).toContain(pid);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(servers(host.layout)).toEqual([]);
  const ended = journal(host.layout).find((record) => record.event === 'session-ended' && record['id'] === id);
  expect(ended).toMatchObject({ why: `at start: ${why}` });
  expect(ended?.['killed']).toContainEqual(expect.objectContaining({ comm: 'sleep' }));
});

test('a kept session whose policy is gone ends at the next start', async () => {
  const { id } = await leaveKept();
  const pids = cgroupPids(host.layout, 's', id);
  await restartWith({ 'prod-db': config.sessions['prod-db'] ?? {} });
  expect(pids.filter(isAlive)).toEqual([]);
  expect(servers(host.layout)).toEqual([]);
});

test('law 6: one whose server is gone is not kept, and what it left goes; the next grant gets a fresh one', async () => {
  const inside = await enterLog(alice);
  const [server] = servers(host.layout);
  await says(inside, 'setsid -f sleep 3302 >/dev/null 2>&1; echo ok');
  const pids = cgroupPids(host.layout, 's', server?.id ?? '');
  inside.terminal.type('tmux kill-server\r');
  await inside.terminal.exit;
  expect(pids.filter(isAlive)).not.toEqual([]);
  expect(plain((await host.cli(['sessions'])).stdout)).toContain('starts on demand');
  await host.cli(['revoke', inside.request]);
  await eventually('nothing is left', () => pids.filter(isAlive).length === 0);
  const next = await enterLog(alice);
  expect(servers(host.layout)[0]?.id).not.toBe(server?.id);
  await endIt(host, next);
});
