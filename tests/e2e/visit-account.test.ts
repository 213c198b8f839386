// What somebody inside a session is, and what neither they nor a login can touch (law 10); and what is recorded of them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { account } from '../../scripts/sandbox/accounts.ts';
import { outcome } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, cgroupPids, testHost } from '../harness/inside.ts';
import { recordedText, sealedFile } from '../harness/recorded.ts';
import { endIt, letIn, type Waiting } from '../harness/visits.ts';

let host: Host;
let alice: Person;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tga',
    config: (config) => ({
      ...config,
      sessions: { ...config.sessions, 'prod-in': { ...config.sessions['prod-db'], record: 'output+input' } },
    }),
  });
  ({ alice } = host.people);
});
afterAll(async () => host[Symbol.asyncDispose]());

let asked = 0;

/** Runs a line in the session and returns what it printed, between two marks. */
async function inSession({ terminal }: Waiting, line: string): Promise<string> {
  const n = String(++asked);
  terminal.type(`clear; { ${line}; } > ~/answer 2>&1; echo 'answer' ${n} ready\r`);
  await terminal.until(`answer ${n} ready`);
  return readFileSync(`${host.layout.home}/${host.layout.sessionAccount}/answer`, 'utf8');
}

const status = (pid: number): string => readFileSync(`/proc/${String(pid)}/status`, 'utf8');
const uids = (pid: number): string[] => /^Uid:\t(.*)$/m.exec(status(pid))?.[1]?.split('\t') ?? [];

describe('inside, a person', () => {
  let inside: Waiting;
  beforeAll(async () => {
    inside = await letIn(host, alice);
  });

  test('is the session account with its own groups alone', async () => {
    const { uid, gid } = account(host.layout.sessionAccount);
    const name = host.layout.sessionAccount;
    expect(await inSession(inside, 'id')).toBe(`uid=${uid}(${name}) gid=${gid}(${name}) groups=${gid}(${name})\n`);
  });

  test('gains nothing by setuid programs: no_new_privs, no capabilities, no sudo', async () => {
    const text = await inSession(
      inside,
      'grep -E "^(NoNewPrivs|Cap...):" /proc/self/status; sudo -n id; setsid -w su -c id < /dev/null',
    );
    expect(text).toMatch(/^NoNewPrivs:\t1$/m);
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) expect(text).toMatch(new RegExp(`^${set}:\t0+$`, 'm'));
    expect(text).toMatch(/no new privileges/);
    expect(text).not.toContain('uid=0');
  });

  test('has nothing of the login, of ssh, of sudo or of the gate in the environment', async () => {
    const names = (await inSession(inside, 'env')).split('\n').map((row) => row.split('=')[0]);
    expect(names.filter((name) => /^(?:SSH_|SUDO_|TMUX_GATE|NODE|DISPLAY|XDG|LD_)/.test(name ?? ''))).toEqual([]);
    expect(await inSession(inside, 'env')).not.toContain(alice.login);
  });

  test('has no descriptor of the gate, no terminal of the login, and a cgroup of the session', async () => {
    const text = await inSession(inside, 'ls -l /proc/$$/fd | grep -v -- "-> /dev/pts/" ; tty; cat /proc/self/cgroup');
    expect(text).not.toMatch(/socket:|recordings|journal|keeper/);
    expect(text).toMatch(new RegExp(`^0::.*/${host.layout.cgroups.keeper}/s/[0-9A-Z]{10}$`, 'm'));
  });

  test('law 10: client and server of tmux run as the session account, the gate as the service account; root and the login run none', async () => {
    const [connection] = connections(host.layout);
    const session = account(host.layout.sessionAccount).uid.toString();
    const service = account(host.layout.serviceAccount).uid.toString();
    const clients = cgroupPids(host.layout, 'c', connection?.id ?? '');
    expect(clients.length).toBe(1);
    const serverPid = Number(await inSession(inside, 'tmux display -p "#{pid}"'));
    for (const pid of [...clients, serverPid]) {
      expect(uids(pid)).toEqual([session, session, session, session]);
      expect(status(pid)).toMatch(/^NoNewPrivs:\t1$/m);
      expect(readFileSync(`/proc/${String(pid)}/comm`, 'utf8')).toMatch(/^tmux/);
    }
    const gate = connection?.gate.pid ?? 1;
    expect(uids(gate)).toEqual([service, service, service, service]);
    expect(status(gate)).toMatch(/^CapEff:\t0+$/m);
    expect(status(gate)).toMatch(/^CapPrm:\t0+$/m);
  });

  test('leaves, and the recording is an asciicast of what they saw, readable by root and the service account alone', async () => {
    await inSession(inside, 'true');
    inside.terminal.resize(90, 25);
    inside.terminal.type("stty -echo; printf 'seen \\303\\251 %s\\n' mark; read secret\r");
    await inside.terminal.until('seen é mark');
    inside.terminal.type('hunter2-typed-unseen\r');
    const { recording = '' } = connections(host.layout)[0] ?? {};
    const { uid, gid, mode } = statSync(recording);
    expect({ uid, gid, others: mode & 0o037 }).toEqual({
      uid: 0,
      gid: account(host.layout.serviceAccount).gid,
      others: 0,
    });
    await endIt(host, inside);
    const text = await recordedText(recording);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines[0]).toMatchObject({
      version: 2,
      width: 100,
      height: 30,
      title: 'prod-db on prod-box',
      env: { TERM: 'xterm-256color' },
    });
    const events = lines.slice(1) as [number, string, string][];
    expect(
      events.every(
        ([at, code, data], i) => at >= (events[i - 1]?.[0] ?? 0) && ['o', 'r', 'm'].includes(code) && data !== '',
      ),
    ).toBe(true);
    expect(events.map(([, , data]) => data).join('')).toContain('seen é mark');
    expect(events).toContainEqual([expect.any(Number), 'r', '90x25']);
    expect(text).not.toContain('hunter2');
    const sealed = sealedFile(recording);
    for (const who of [alice.login, host.layout.sessionAccount]) {
      const read = await outcome('setpriv', [`--reuid=${who}`, `--regid=${who}`, '--init-groups', 'cat', sealed]);
      expect(read.stdout).toBe('');
      expect(read.code).not.toBe(0);
    }
  });
});

test('record: output+input holds what was typed as well, but not with echo off, of which a marker tells', async () => {
  const inside = await letIn(host, alice, { session: 'prod-in' });
  const { recording = '' } = connections(host.layout)[0] ?? {};
  const recorded = (is: string): string =>
    readFileSync(recording, 'utf8')
      .split('\n')
      .slice(1, -1) // without the header, and a line that is being written
      .map((line) => JSON.parse(line) as [number, string, string])
      .filter(([, code]) => code === is)
      .map(([, , data]) => data)
      .join('');
  inside.terminal.type("stty -echo; printf 'asks-%s\\n' now; read secret");
  // Once it is kept, the shell's prompt was seen to read it: so the Enter is kept too, however soon the echo goes off behind it.
  await eventually('what is typed at the prompt is on disk', () => recorded('i').includes('read secret'));
  inside.terminal.type('\r');
  await inside.terminal.until('asks-now');
  inside.terminal.type('typed-unseen\r');
  await eventually('the marker is on disk', () => recorded('m').includes('keys not kept'));
  // `read` may be over before anybody could look at the terminal: then it is not shown, and not kept either.
  expect(recorded('m')).toMatch(/\d+ keys not kept: (?:echo off|typed ahead and not shown)/);
  expect(recorded('i')).toContain('read secret\r');
  expect(recorded('i')).not.toContain('typed-unseen');
  await endIt(host, inside);
});
