// Law 6: nothing is left behind, whatever was done in the session to stay (threats C6, C7), and all of it ran as the session
// account alone (C2).
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { account } from '../../scripts/sandbox/accounts.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { ofUids } from '../../scripts/sandbox/processes.ts';
import {
  comeBack,
  connections,
  endAll,
  enter,
  eventually,
  isAlive,
  journal,
  testHost,
  type Inside,
} from '../house/inside.ts';

let host: Host;
let uid: number;
let home: string;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgc' });
  ({ uid } = account(host.layout.sessionAccount));
  home = `${host.layout.home}/${host.layout.sessionAccount}`;
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => endAll(host));

/** Every way to outlive a session that threats.md saw work; each sleeps for a time of its own, by which it is known. */
const survivors = {
  2001: 'nohup sleep 2001 >/dev/null 2>&1 &',
  2002: 'setsid sleep 2002 &',
  2003: '(setsid sh -c "sleep 2003 & exit" &) ; sleep 0.1',
  2004: `sh -c "trap '' HUP TERM; sleep 2004; sleep 2004" &`,
  2005: 'sleep 2005 & sleep 0.2; kill -STOP $!',
  2006: "tmux run-shell -b 'setsid sleep 2006'",
  2007: 'tmux -S ~/second -f /dev/null new-session -d sleep 2007',
  2008: `perl -e '$SIG{$_} = "IGNORE" for keys %SIG; fork and exit; fork and exit; $0 = "sleep 2008"; sleep 1 while 1' &`,
  2009: 'sleep 2009 & disown -h',
  2010: "tmux pipe-pane 'sleep 2010'",
} as const;

const commandLine = (pid: number): string => {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
      .replaceAll('\0', ' ')
      .trim();
  } catch {
    return '';
  }
};

const sleepers = (): number[] => ofUids([uid]).filter((pid) => /^sleep 20\d\d$/.test(commandLine(pid)));

/** A script, since what is typed is echoed. */
function run({ terminal }: Inside, name: string, lines: readonly string[]): void {
  writeFileSync(`${host.root}/${name}`, `${lines.join('\n')}\n`, { mode: 0o644 });
  terminal.type(`. ${host.root}/${name}\r`);
}

async function expectOut(inside: Inside): Promise<void> {
  await inside.terminal.exit;
  expect(Date.now()).toBeLessThan(inside.end + 15_000);
  await eventually('its connection is forgotten', () => connections(host.layout).length === 0);
  expect(isAlive(inside.gate.pid)).toBe(false);
}

async function expectSessionGone(): Promise<Readonly<Record<string, unknown>>> {
  const seen = await eventually('the session has ended', () => {
    const last = journal(host.layout).findLast(({ event }) => event.startsWith('session-'));
    return last?.event === 'session-ended' ? last : undefined;
  });
  expect(ofUids([uid])).toEqual([]);
  return seen;
}

test('law 6: at the end of the window no process of the session account is left, and the journal names each one', async () => {
  const inside = await enter(host, host.people.alice, { window: '12s' });
  run(inside, 'stay.sh', Object.values(survivors));
  const wanted = Object.keys(survivors).sort();
  const running = (): string[] =>
    sleepers()
      .map((pid) => commandLine(pid).slice(6))
      .sort();
  await eventually('all of them run', () => JSON.stringify([...new Set(running())]) === JSON.stringify(wanted)).catch(
    () => expect(running()).toEqual(wanted),
  );
  const pids = sleepers();
  expect(await inside.terminal.exit).toMatchObject({ code: 0 });
  const { ended, killed } = await expectSessionGone();
  const listed = [ended, killed].flat() as readonly { pid: number; comm: string; uid: number }[];
  expect(listed.map(({ pid }) => pid)).toEqual(expect.arrayContaining(pids));
  expect(new Set(listed.map((one) => one.uid))).toEqual(new Set([uid]));
  expect(existsSync(`${host.layout.run}/s/${connections(host.layout)[0]?.id ?? 'none'}`)).toBe(false);
});

test('laws 4 and 6: a session that switches off every tmux command that could end it ends all the same', async () => {
  const inside = await enter(host, host.people.alice, { window: '12s' });
  const aliases = ['kill-server', 'kill-session', 'detach-client', 'list-clients', 'lock-client'];
  run(inside, 'sabotage.sh', [
    ...aliases.map((name, n) => `tmux set -s 'command-alias[${String(100 + n)}]' ${name}='display-message -p FAKE'`),
    'tmux set -g detach-on-destroy off',
    'tmux set -g exit-empty off',
    'tmux set -g remain-on-exit on',
    'tmux new-session -d -s elsewhere',
    `tmux set-hook -g client-detached "run-shell -b 'tmux new-session -d'"`,
    'trap "" HUP TERM',
    'tmux kill-server; echo "armed-$((1+1))"',
  ]);
  await inside.terminal.until('armed-2');
  await expectOut(inside);
  await expectSessionGone();
});

test('laws 4 and 6: a tmux server that is stopped does not keep anybody in', async () => {
  const inside = await enter(host, host.people.alice, { window: '10s' });
  run(inside, 'stop.sh', ['sleep 0.2; kill -STOP $(echo $TMUX | cut -d, -f2)']);
  await eventually('the server is stopped', () => ofUids([uid]).some((pid) => /^State:\tT/m.test(statusOf(pid))));
  await expectOut(inside);
  await expectSessionGone();
});

const statusOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  } catch {
    return '';
  }
};

test('law 10: what a session makes its clients run, runs as the session account and ends with the window', async () => {
  const inside = await enter(host, host.people.alice, { window: '12s' });
  run(inside, 'lock.sh', [
    `tmux set -g lock-command 'id -u > ${home}/locked; id -G >> ${home}/locked'`,
    'tmux lock-client',
  ]);
  await eventually(
    'the lock command ran',
    () => existsSync(`${home}/locked`) && readFileSync(`${home}/locked`, 'utf8').split('\n').length > 2,
  );
  run(inside, 'execute.sh', [
    `tmux detach-client -E 'id -u > ${home}/executed; id -G >> ${home}/executed; trap "" HUP TERM; sleep 2011'`,
  ]);
  await eventually('the client ran it', () => existsSync(`${home}/executed`) && sleepers().length > 0);
  const { gid } = account(host.layout.sessionAccount);
  for (const name of ['locked', 'executed'])
    expect(readFileSync(`${home}/${name}`, 'utf8')).toBe(`${String(uid)}\n${String(gid)}\n`);
  await expectOut(inside);
  await expectSessionGone();
});

test('law 6: a hook that an earlier person left cannot outlast its session: the next one starts with a fresh server', async () => {
  const inside = await enter(host, host.people.alice);
  run(inside, 'hook.sh', [
    'tmux set-hook -g client-attached \'run-shell "touch ~/hooked"\'',
    'tmux set -g @planted here',
    'echo "set-$((1+1))"',
  ]);
  await inside.terminal.until('set-2');
  await host.cli(['revoke', inside.grant]);
  await expectOut(inside);
  await expectSessionGone();
  const next = await enter(host, host.people.alice);
  next.terminal.type('tmux show -gv @planted; echo "<$(tmux show -gv @planted)>"\r');
  await next.terminal.until('<>');
  expect(existsSync(`${home}/hooked`)).toBe(false);
  const again = await comeBack(host, host.people.alice);
  expect(again.id).not.toBe(next.id);
  await host.cli(['revoke', next.grant]);
  await Promise.all([next.terminal.exit, again.terminal.exit]);
});
