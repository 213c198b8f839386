// Law 10 (threats C10, H5): neither the login nor the session can touch what guards them.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, readlinkSync, writeFileSync } from 'node:fs';
import type { Host } from '../../scripts/sandbox/host.ts';
import { attack, commandOf, gates, isGate, perlAs } from '../house/around.ts';
import { ask, endAll, enter, eventually, testHost } from '../house/inside.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgc' });
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => endAll(host));

test('law 10: neither the login nor the session can signal, trace or read the gate, before "go" or after it', async () => {
  const attackers = [host.people.alice.login, host.layout.sessionAccount];
  const control = spawn('setpriv', [
    '--reuid',
    host.people.alice.login,
    '--regid',
    host.people.alice.login,
    '--init-groups',
    'sleep',
    '60',
  ]);
  await eventually('it sleeps', () => commandOf(control.pid ?? 0)[0] === 'sleep');
  const worked = await perlAs(
    host.people.alice.login,
    attack(control.pid ?? 0).filter((line) => !line.includes('KILL')),
  );
  control.kill('SIGKILL');
  expect(worked.stdout).toBe('ptrace environ maps fd done');
  const { terminal } = await ask(host, host.people.alice);
  const [waiting = 0] = gates(host.layout);
  expect(gates(host.layout)).toHaveLength(1);
  for (const who of attackers) expect(await perlAs(who, attack(waiting))).toMatchObject({ stdout: 'done' });
  expect(isGate(host.layout, waiting)).toBe(true);
  terminal.type('q');
  await terminal.exit;
  const inside = await enter(host, host.people.alice);
  for (const who of attackers) expect(await perlAs(who, attack(inside.gate.pid))).toMatchObject({ stdout: 'done' });
  expect(await perlAs(host.layout.sessionAccount, attack(host.keeper.pid ?? 0))).toMatchObject({ stdout: 'done' });
  inside.terminal.type('echo "$((6*7))-unharmed"\r');
  await inside.terminal.until('42-unharmed');
  await host.cli(['revoke', inside.grant]);
  await inside.terminal.exit;
});

test('law 10: login and session account reach no socket, journal, recording or key, and no terminal of the other', async () => {
  const inside = await enter(host, host.people.alice);
  const state = `${host.root}/var/lib/tmux-gate`;
  const { run, etc } = host.layout;
  const files = [
    inside.recording,
    `${state}/journal/journal.jsonl`,
    `${state}/keys/host.jwk`,
    `${state}/pins.json`,
    `${run}/c/${inside.id}.json`,
    `${etc}/config.yaml`,
  ];
  const folders = [
    `${state}/journal`,
    `${state}/recordings`,
    `${state}/keys`,
    `${run}/c`,
    `${run}/redis`,
    run,
    host.layout.lib,
    state,
  ];
  const sockets = [`${run}/keeper.sock`, `${run}/rejoin/sock`, `${run}/redis/sock`];
  const loginsTerminal = readlinkSync(`/proc/${String(inside.gate.pid)}/fd/0`);
  expect(loginsTerminal).toMatch(/^\/dev\/pts\/\d+$/);
  const lines = (terminals: readonly string[]): readonly string[] => [
    'use IO::Socket::UNIX;',
    ...files.flatMap((path) => [
      `print "read ${path} " if open my $f, "<", "${path}";`,
      `print "write ${path} " if open my $g, ">>", "${path}";`,
    ]),
    ...folders.map((path) => `if (open my $f, ">", "${path}/x") { print "make ${path} " }`),
    ...sockets.map((path) => `print "connect ${path} " if IO::Socket::UNIX->new(Peer => "${path}");`),
    ...terminals.map((path) => `print "open ${path} " if open my $f, "+<", "${path}" or open $f, ">", "${path}";`),
    'print "done";',
  ];
  for (const path of [...files, ...sockets]) expect({ path, there: existsSync(path) }).toEqual({ path, there: true });
  expect(await perlAs(host.layout.sessionAccount, lines([loginsTerminal]))).toMatchObject({ stdout: 'done' });
  expect(await perlAs(host.people.alice.login, lines([]))).toMatchObject({ stdout: 'done' });
  expect(await perlAs(host.people.mallory.login, lines([loginsTerminal]))).toMatchObject({ stdout: 'done' });
  // H5: what a session pushes back into a terminal (TIOCSTI) stays in its own.
  writeFileSync(
    `${host.root}/push.pl`,
    `ioctl(STDIN, 0x5412, $_) for split //, "echo pushed-\\$((6*7)) \\$(id -un)\\n";`,
    { mode: 0o644 },
  );
  inside.terminal.type(`perl ${host.root}/push.pl\r`);
  inside.terminal.type('echo "end-$((1+1))"\r');
  await inside.terminal.until('end-2');
  expect(inside.terminal.text).not.toContain(`pushed-42 ${host.people.alice.login}`);
  await host.cli(['revoke', inside.grant]);
  await inside.terminal.exit;
});
