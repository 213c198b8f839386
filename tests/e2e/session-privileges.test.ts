// privileges: none leaves nothing inside a way to more rights (law 10); account lets the sudo rules of the session account hold
// there, for the session alone, and what they started ends with it (law 6).
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { account } from '../../scripts/sandbox/accounts.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { allowSessionAccount } from '../../scripts/sandbox/sudo-rule.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, cgroupPids, isAlive, journal, testHost } from '../harness/inside.ts';
import { plain } from '../harness/refused.ts';
import { servers } from '../harness/servers.ts';
import { endIt, letIn, putInOrder, says } from '../harness/visits.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tga',
    config: (config) => {
      const plainOne = config.sessions['prod-db'];
      const sudo = { ...plainOne, privileges: 'account', session_grace: '1s' };
      return {
        ...config,
        sessions: { 'prod-db': plainOne, 'prod-ops': sudo, 'own-ops': { ...sudo, kind: 'dedicated' } },
      };
    },
  });
  const allowed = ['/usr/bin/true', '/usr/bin/id -u', '/usr/bin/setsid'];
  await allowSessionAccount(host.layout, `(root) NOPASSWD: ${allowed.join(', ')}`);
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  if (host.keeper.pid === undefined) await host.keeper.start();
  await putInOrder(host);
  await eventually('all is over', () => servers(host.layout).length === 0);
});

const statusOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  } catch {
    return '';
  }
};
const nameOf = (pid: number): string => /^Name:\t(.*)$/m.exec(statusOf(pid))?.[1] ?? '';
const bare = /^NoNewPrivs:\t1$/m;
const unbounded = /^CapBnd:\t(?!0+$)/m;

test('law 10: without it, sudo inside does nothing, though the rule is there', async () => {
  const inside = await letIn(host, host.people.alice);
  expect(plain(inside.terminal.text)).toContain(`You will be ${host.layout.sessionAccount}, without sudo.`);
  expect(await says(inside, 'sudo -n true 2>&1; echo $?')).toMatch(/no new privileges.* 1/);
  expect(await says(inside, 'cat /proc/self/status | grep -E "^(NoNewPrivs|CapBnd)" | tr "\\t" " "')).toMatch(
    /CapBnd: 0+ NoNewPrivs: 1/,
  );
  await endIt(host, inside);
});

test.each(['prod-ops', 'own-ops'])(
  'with it, in %s what the rule allows works, and nothing else; the screen says so beforehand',
  async (session) => {
    const inside = await letIn(host, host.people.alice, { session });
    expect(plain(inside.terminal.text)).toContain(
      `You will be ${host.layout.sessionAccount}, with the sudo rules of that account.`,
    );
    expect(await says(inside, 'sudo -n true && sudo -n id -u')).toBe('0');
    expect(await says(inside, 'sudo -n cat /etc/shadow 2>&1 | tail -1')).toMatch(/password is required|not allowed/);
    expect(await says(inside, 'id -u; grep CapEff /proc/self/status | tr "\\t" " "')).toMatch(
      new RegExp(`^${account(host.layout.sessionAccount).uid} CapEff: 0+$`),
    );
    expect(journal(host.layout).findLast(({ event }) => event === 'session-starting')).toMatchObject({
      session,
      privileges: 'account',
    });
    await endIt(host, inside);
  },
);

test('law 10: the client that attaches to it stays bare: what its server makes it run gains nothing', async () => {
  const inside = await letIn(host, host.people.alice, { session: 'prod-ops' });
  const [connection] = connections(host.layout);
  const [client] = cgroupPids(host.layout, 'c', connection?.id ?? '');
  expect(statusOf(client ?? 0)).toMatch(bare);
  expect(statusOf(client ?? 0)).not.toMatch(unbounded);
  const [server] = servers(host.layout);
  expect(statusOf(server?.pid ?? 0)).not.toMatch(bare);
  expect(statusOf(server?.pid ?? 0)).toMatch(unbounded);
  inside.terminal.type(`tmux detach-client -E 'sudo -n true 2>~/said; echo $? >>~/said'\r`);
  const said = `${host.layout.home}/${host.layout.sessionAccount}/said`;
  await inside.terminal.exit;
  await endIt(host, inside);
  expect(readFileSync(said, 'utf8')).toMatch(/no new privileges[^]*\n1\n$/);
});

test('law 6: what sudo left behind as root ends with the session, and the journal names it with its uid', async () => {
  const inside = await letIn(host, host.people.alice, { session: 'prod-ops' });
  const [server] = servers(host.layout);
  const id = server?.id ?? '';
  const lines = [
    'sudo -n setsid -f sleep 3201',
    `sudo -n setsid -f sh -c "trap '' HUP TERM; while :; do sleep 3202; done"`,
    `sudo -n setsid -f perl -e 'fork and exit; $0 = "stays"; $SIG{$_} = "IGNORE" for keys %SIG; sleep 1 while 1'`,
  ];
  // A script: sudo throws away what is typed ahead.
  writeFileSync(`${host.root}/stay.sh`, `${lines.map((line) => `${line} </dev/null >/dev/null 2>&1`).join('\n')}\n`);
  inside.terminal.type(`sh ${host.root}/stay.sh\r`);
  const ofRoot = (): number[] => cgroupPids(host.layout, 's', id).filter((pid) => /^Uid:\t0\t0/m.test(statusOf(pid)));
  const names = (): string => ofRoot().map(nameOf).sort().join();
  await eventually('root’s children run, and they alone', () => names() === 'sh,sleep,sleep,stays');
  const pids = ofRoot();
  await endIt(host, inside);
  const ended = await eventually(
    'it is written down',
    () => journal(host.layout).find((record) => record.event === 'session-ended' && record['id'] === id),
    30_000,
  );
  expect(pids.filter(isAlive)).toEqual([]);
  const listed = [ended['ended'], ended['killed']].flat() as readonly { pid: number; uid: number; comm: string }[];
  for (const pid of pids) expect(listed).toContainEqual(expect.objectContaining({ pid, uid: 0 }));
  expect(ended['killed']).toContainEqual(expect.objectContaining({ comm: 'stays', uid: 0 }));
});

test('a session that was started with rights does not outlive the policy that gave them', async () => {
  const inside = await letIn(host, host.people.alice, { session: 'prod-ops' });
  const [server] = servers(host.layout);
  const config = host.config as { sessions: Record<string, object> };
  await host.keeper.stop();
  const less = { ...config.sessions['prod-ops'], privileges: 'none' };
  host.writeConfig({ ...config, sessions: { ...config.sessions, 'prod-ops': less } });
  try {
    await host.keeper.start();
    await inside.terminal.exit;
    expect(journal(host.layout)).toContainEqual(
      expect.objectContaining({ event: 'session-ended', id: server?.id, why: 'at start: its policy has changed' }),
    );
    const { code } = await host.cli(['revoke', inside.request]);
    expect(code).toBe(0);
  } finally {
    await host.keeper.stop();
    host.writeConfig(config);
  }
});
