// How a shared session ends (law 6, docs/design.md, "The end of access"): each person at their own end, the session with the last grant; never
// started for a visit that is refused.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { account } from '../../scripts/sandbox/accounts.ts';
import { must } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { ofUids } from '../../scripts/sandbox/processes.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import {
  approve,
  comeBack,
  connections,
  cgroupPids,
  isAlive,
  journal,
  testHost,
  type JournalRecord,
} from '../harness/inside.ts';
import { plain } from '../harness/refused.ts';
import { servers } from '../harness/servers.ts';
import { endIt, requestAccess, leaveQueue, letIn, putInOrder, say, says, shellPrompt } from '../harness/visits.ts';

let host: Host;
let alice: Person;
let carol: Person;
let bob: Person;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tga',
    people: { carol: ['engineers'] },
    config: ({ sessions, ...rest }) => ({
      ...rest,
      sessions: {
        'prod-db': sessions['prod-db'],
        'prod-slow': { ...sessions['prod-db'], session_grace: '8s' },
        'prod-log': { ...sessions['prod-db'], at_expiry: 'keep' },
      },
    }),
  });
  ({ alice, bob } = host.people);
  carol = host.people['carol'] ?? alice;
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  await putInOrder(host);
  await eventually('all is over', () => servers(host.layout).length === 0);
});

const events = (event: string): readonly JournalRecord[] =>
  journal(host.layout).filter((record) => record.event === event);
const endOf = async (id: string): Promise<JournalRecord> =>
  eventually('its end is written down', () => events('session-ended').find((record) => record['id'] === id));

interface Listed {
  readonly pid: number;
  readonly comm: string;
  readonly uid: number;
  readonly ageSeconds: number;
}

/** What an end lists, with the records that follow it. */
function listed(id: string): readonly Listed[] {
  const records = journal(host.layout).filter(
    (record) => record['id'] === id && ['session-ended', 'killed-too'].includes(record.event),
  );
  return records.flatMap((record) => [record['ended'] ?? [], record['killed'] ?? []] as Listed[][]).flat();
}

test('several people with different ends: each leaves at their own, the session goes with the last', async () => {
  const two = await letIn(host, carol);
  const one = await letIn(host, alice, { window: '10s' });
  const [server] = servers(host.layout);
  await says(two, 'setsid -f sleep 3401 >/dev/null 2>&1; echo ok');
  expect(await one.terminal.exit).toMatchObject({ code: 0 });
  await eventually('her grant ended', () => events('grant-ended').some(({ request }) => request === one.request));
  expect(await says(two, 'echo still')).toBe('still');
  expect(servers(host.layout)).toEqual([expect.objectContaining({ id: server?.id })]);
  expect(events('session-ended')).toEqual([]);
  const pids = cgroupPids(host.layout, 's', server?.id ?? '');
  await endIt(host, two);
  expect(await endOf(server?.id ?? '')).toMatchObject({ why: 'its last grant ended' });
  expect(pids.filter(isAlive)).toEqual([]);
});

/** A process' own name; empty when it has gone. */
function commOf(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

test('law 6: however many processes are left, the journal lists each by pid, name, uid and age', async () => {
  const inside = await letIn(host, alice);
  const id = servers(host.layout)[0]?.id ?? '';
  const perl = `for (1 .. 150) { next if fork; $0 = "left-$_"; $SIG{$_} = "IGNORE" for keys %SIG; sleep 1 while 1 }`;
  writeFileSync(`${host.root}/many.pl`, perl, { mode: 0o644 });
  inside.terminal.type(`setsid -f perl ${host.root}/many.pl; clear\r`);
  // What came and went beside them, such as `clear`, is nobody's to kill.
  const left = () => cgroupPids(host.layout, 's', id).filter((pid) => /^left-\d+$/.test(commOf(pid)));
  await eventually('they run', () => left().length === 150);
  const pids = left();
  const { uid } = account(host.layout.sessionAccount);
  await endIt(host, inside);
  await endOf(id);
  await eventually('the rest is written down, too', () => listed(id).length >= pids.length, 10_000);
  expect(listed(id).map(({ pid }) => pid)).toEqual(expect.arrayContaining([...pids]));
  expect(new Set(listed(id).map((one) => one.uid))).toEqual(new Set([uid]));
  expect(listed(id).filter(({ comm }) => /^left-\d+$/.test(comm))).toHaveLength(150);
  for (const one of listed(id)) expect(one.ageSeconds).toBeGreaterThanOrEqual(0);
  expect((await host.cli(['audit', 'verify'])).code).toBe(0);
});

test('who comes with a new grant while it is ending waits, is told so, and gets a fresh session', async () => {
  const one = await letIn(host, alice, { session: 'prod-slow' });
  const two = await requestAccess(carol, { session: 'prod-slow' });
  const [before] = servers(host.layout);
  one.terminal.type(`(trap '' HUP TERM; while :; do sleep 1; done) & MARK=old; clear\r`);
  await says(one, 'echo $MARK');
  const pids = cgroupPids(host.layout, 's', before?.id ?? '');
  await endIt(host, one);
  await approve(bob, two.request);
  await two.terminal.until('The last prod-slow is still ending. A new one starts right after it.');
  await two.terminal.until(shellPrompt);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(servers(host.layout)).toHaveLength(1);
  expect(servers(host.layout)[0]?.id).not.toBe(before?.id);
  expect(await says(two, 'echo "[$MARK]"')).toBe('[]');
  expect(await endOf(before?.id ?? '')).toMatchObject({ why: 'its last grant ended' });
  await endIt(host, two);
});

test('a visit that is cancelled, denied or has no right starts no session', async () => {
  const before = events('session-starting').length;
  await leaveQueue(await requestAccess(alice));
  const denied = await requestAccess(carol);
  expect((await say(bob, ['deny', denied.request, '--reason', 'no'])).code).toBe(0);
  expect(await denied.terminal.exit).toMatchObject({ code: 77 });
  const mallory = host.people.mallory.ssh(['-t', 'prod-db']);
  await host.people.mallory.signInFrom(mallory);
  expect(await mallory.exit).toMatchObject({ code: 77 });
  expect(events('session-starting')).toHaveLength(before);
  expect(ofUids([account(host.layout.sessionAccount).uid])).toEqual([]);
});

test.each(['prod-db', 'prod-log'])(
  'a visit to %s that is refused at the last look leaves no session, though its grant lives; the next one gets in',
  async (session) => {
    const waiting = await requestAccess(alice, { session });
    const folder = `${host.root}/var/lib/tmux-gate/recordings`;
    mkdirSync(folder, { recursive: true });
    await must('mount', ['-t', 'tmpfs', '-o', 'ro,mode=0700', 'tmpfs', folder]);
    try {
      await approve(bob, waiting.request);
      const { code } = await waiting.terminal.exit;
      expect({ code, text: plain(waiting.terminal.text) }).toMatchObject({
        text: expect.stringContaining('[RECORDING_DOWN]'),
      });
      const started = events('session-starting').at(-1);
      expect(await endOf(String(started?.['id']))).toMatchObject({ session, why: 'nobody was let in' });
      await eventually('nothing is written down of it', () => servers(host.layout).length === 0); // which follows its record
      expect(connections(host.layout)).toEqual([]);
      expect(ofUids([account(host.layout.sessionAccount).uid])).toEqual([]);
    } finally {
      await must('umount', ['-l', folder]);
    }
    const inside = await comeBack(host, alice, session);
    expect(await says(inside, 'echo in')).toBe('in');
    if (session === 'prod-log') inside.terminal.type('tmux kill-server\r');
    else await host.cli(['revoke', waiting.request]);
    await inside.terminal.exit;
    await host.cli(['revoke', waiting.request]);
  },
);

test('a refusal does not end the session for those who are in, or on their way in', async () => {
  const one = await letIn(host, alice);
  const [server] = servers(host.layout);
  const waiting = await requestAccess(carol);
  const folder = `${host.root}/var/lib/tmux-gate/recordings`;
  await must('mount', ['--bind', folder, folder]); // read-only for what is opened from now on; who is in writes on
  await must('mount', ['-o', 'remount,bind,ro', folder]);
  try {
    await approve(bob, waiting.request);
    await waiting.terminal.exit;
  } finally {
    await must('umount', ['-l', folder]);
  }
  expect(await says(one, 'echo still')).toBe('still');
  expect(servers(host.layout)).toEqual([expect.objectContaining({ id: server?.id })]);
  await host.cli(['revoke', waiting.request]);
  expect(await says(one, 'echo still')).toBe('still');
  await endIt(host, one);
});

test('revoked while the server starts: the person is refused, and nothing of the session is left', async () => {
  const conf = `${host.layout.etc}/tmux.conf`;
  const text = await must('cat', [conf]);
  const waiting = await requestAccess(alice);
  const before = events('session-starting').length;
  writeFileSync(conf, `${text}\nrun-shell 'sleep 3'\n`);
  try {
    await approve(bob, waiting.request);
    await eventually('it is starting', () => events('session-starting').length > before);
    expect((await host.cli(['revoke', waiting.request])).code).toBe(0);
    expect(await waiting.terminal.exit).toMatchObject({ code: 77 });
    expect(plain(waiting.terminal.text)).toContain('[GRANT_OVER]');
  } finally {
    writeFileSync(conf, text);
  }
  await eventually('nothing is left', () => servers(host.layout).length === 0);
  expect(ofUids([account(host.layout.sessionAccount).uid])).toEqual([]);
});
