// The person's terminal while they are attached: raw to the byte, of a size that shrinks nobody, and never frozen by a stopped client.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { must, plainEnv } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { gatePath, openMarks, terminalAs } from '../harness/from-outside.ts';
import { clientOf, expectSoon, runIn, startIn, textOf } from '../harness/in-session.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { approve, comeBack, connections, endGrants, enter, prompt, testHost } from '../harness/inside.ts';
import { signInWhenAsked } from '../harness/visits.ts';

let host: Host;
let alice: Person;
beforeAll(async () => {
  host = await testHost({ prefix: 'tgz', people: { carol: ['engineers'] } });
  ({ alice } = host.people);
});
afterAll(async () => host[Symbol.asyncDispose]());
// Not of the connections alone: one may be gone already, and its grant lets the next test in.
afterEach(async () => endGrants(host));

const settingsOf = async (pid: number): Promise<string> => must('stty', ['-a', '-F', `/proc/${String(pid)}/fd/0`]);

test('what the session writes arrives byte for byte: a line feed only moves the cursor down', async () => {
  const inside = await enter(host, alice);
  startIn(host, inside, [
    'stty -echo; tmux set -g status off',
    "printf '\\033[2J\\033[5;20Habc'; sleep 1; printf '\\033[B'; sleep 1; printf X; sleep 60",
  ]);
  await expectSoon(async () => expect((await inside.terminal.screen())[5]?.trimEnd()).toBe(`${' '.repeat(22)}X`));
  expect((await inside.terminal.screen())[4]?.trimEnd()).toBe(`${' '.repeat(19)}abc`);
});

test("flags of the client's own stty change nothing that is typed or shown", async () => {
  await enter(host, alice).then(async ({ terminal }) => terminal[Symbol.asyncDispose]());
  await eventually('the first line is gone', () => connections(host.layout).length === 0);
  const stty = 'stty igncr inlcr parmrk ocrnl olcuc istrip ixon ixoff';
  await using terminal = new Terminal(
    'sh',
    ['-c', `${stty}; exec "$0" "$@"`, 'ssh', ...alice.sshArgs(['-t', 'prod-db'])],
    {
      env: plainEnv,
    },
  );
  await terminal.until(prompt);
  const facts = await eventually('alice is in', () => connections(host.layout)[0]);
  const settings = await settingsOf(facts.gate.pid);
  const cleared = [
    'igncr',
    'inlcr',
    'icrnl',
    'parmrk',
    'istrip',
    'ixon',
    'brkint',
    'opost',
    'isig',
    'icanon',
    'iexten',
    'echo',
  ];
  for (const flag of cleared) expect(settings).toMatch(new RegExp(`(?:^|\\s)-${flag}(?:[\\s;]|$)`, 'm'));
  terminal.type('echo back-$((1+1))\r');
  await terminal.until('back-2');
});

/** None of it hinders what the gate shows before, for which nothing is typed. */
const odd = [
  ...['igncr', 'inlcr', '-icrnl', 'parmrk', 'istrip', 'ixany', '-ixon', '-opost', 'olcuc', 'ocrnl', 'onlret'],
  ...['-iexten', '-echoe', 'echonl', 'noflsh', 'intr', '^X', 'erase', '^H', 'stop', 'undef'],
];

/** A gate without sshd around it: the terminal stays, and whoever holds it sees what the gate left of its settings. */
async function onOwnTerminal(folder: string): Promise<{ terminal: Terminal; gate: number; request: string }> {
  const gate = `sudo -n ${gatePath(host.layout)}`;
  const set = `cd ${folder} && stty ${odd.join(' ')} || exit`;
  const script = [set, 'stty -g > before', gate, 'stty -g > after', 'exec sleep 600'].join('\n');
  const wish = { SSH_ORIGINAL_COMMAND: 'prod-db --for 5m --reason INC-1 look' };
  const terminal = terminalAs(alice.login, ['sh', '-c', script], wish);
  void signInWhenAsked(terminal, alice);
  const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})/);
  await approve(host.people.bob, request);
  await terminal.until(prompt);
  const facts = await eventually('alice is in', () => connections(host.layout)[0]);
  return { terminal, gate: facts.gate.pid, request };
}

test.each([
  ['is revoked', undefined, 'was revoked by'],
  ['is left', '\u0002d', 'Detached. Access lasts until'],
])('after a visit that %s every setting of the terminal is as before', async (_, keys, words) => {
  using marks = openMarks(host);
  const { gate, request, ...visit } = await onOwnTerminal(marks.folder);
  await using terminal = visit.terminal;
  const setting = (name: string): string => textOf(`${marks.folder}/${name}`);
  const before = setting('before');
  expect(before).toMatch(/^[0-9a-f]+(?::[0-9a-f]+)+\n$/);
  expect(await must('stty', ['-g', '-F', `/proc/${String(gate)}/fd/0`])).not.toBe(before);
  if (keys === undefined) await host.cli(['revoke', request]);
  else terminal.type(keys);
  await terminal.until(words);
  await expectSoon(() => expect(setting('after')).toBe(before));
  await endGrants(host); // one that was left goes on
});

test('a terminal that does not know its size is taken for 80x24, and shrinks nobody', async () => {
  const inside = await enter(host, alice);
  inside.terminal.resize(120, 40);
  await comeBackWithoutSize();
  const sizes = await Promise.all(
    connections(host.layout).map(async ({ gate: _, ...facts }) =>
      must('stty', [
        'size',
        '-F',
        `/proc/${String(clientOf(host, { ...facts, gate: _, terminal: inside.terminal }))}/fd/0`,
      ]),
    ),
  );
  expect(sizes.map((size) => size.trim()).sort()).toEqual(['24 80', '40 120']);
});

async function comeBackWithoutSize(): Promise<void> {
  const terminal = alice.ssh(['-tt', 'prod-db'], { tty: false });
  await terminal.until(prompt);
  await eventually('both are in', () => connections(host.layout).length === 2);
}

test('a suspended client goes on, and nothing typed is kept for later', async () => {
  const inside = await enter(host, alice);
  startIn(host, inside, [
    'tmux suspend-client; tmux suspend-client; kill -STOP $(tmux list-clients -F "#{client_pid}")',
  ]);
  await inside.terminal.until(prompt);
  inside.terminal.type('echo back-$((1+1))\r');
  await inside.terminal.until('back-2');
});

test('a stopped client that nobody continues ends with words', async () => {
  const inside = await enter(host, alice);
  host.keeper.kill('SIGKILL');
  await host.keeper.exit;
  startIn(host, inside, ['kill -STOP $(tmux list-clients -F "#{client_pid}")']);
  expect((await inside.terminal.exit).code).toBe(71);
  expect(inside.terminal.text).toContain('was stopped and could not be continued');
  await host.keeper.start();
  await comeBack(host, alice);
});

test('tmux offers no key that stops a client', async () => {
  const inside = await enter(host, alice);
  await runIn(host, inside, ['echo stops-$(tmux list-keys -T prefix | grep -c suspend-client)']);
  expect(inside.terminal.text).toContain('stops-0');
});

test('what runs inside, and the client before it, has the limits of a login', async () => {
  const inside = await enter(host, alice);
  await runIn(host, inside, ['echo files-$(ulimit -n)-$(umask)']);
  expect(inside.terminal.text).toContain('files-1024-0022');
  expect(readFileSync(`/proc/${String(clientOf(host, inside))}/limits`, 'latin1')).toMatch(/^Max open files +1024 /m);
});

test.each([
  [{ LANG: 'C', LC_CTYPE: 'C.UTF-8' }, 1],
  [{ LANG: 'C.UTF-8', LC_CTYPE: 'C.UTF-8', LC_ALL: 'C' }, 0],
])('a locale of %j counts as the C library has it', async (locale, utf8) => {
  await enter(host, alice).then(async ({ terminal }) => terminal[Symbol.asyncDispose]());
  await eventually('the first line is gone', () => connections(host.layout).length === 0);
  const set = Object.entries(locale).map(([name, value]) => `${name}=${value}`);
  await using terminal = alice.ssh(['-o', `SetEnv=${set.join(' ')}`, '-t', 'prod-db']);
  await terminal.until(prompt);
  const facts = await eventually('alice is in', () => connections(host.layout)[0]);
  await runIn(host, { ...facts, terminal }, ["tmux display -p 'utf8: #{client_utf8}'"]);
  expect(terminal.text).toContain(`utf8: ${String(utf8)}`);
});

test.each([
  ['--plain', ['-t', 'prod-db --plain']],
  ['TMUX_GATE_PLAIN', ['-o', 'SetEnv=TMUX_GATE_PLAIN=1', '-t', 'prod-db']],
])('%s: no colour, no line that is drawn over, no picture', async (_, args) => {
  await using terminal = host.people.bob.ssh(args);
  await terminal.until('Waiting for your sign-in');
  terminal.type('q');
  expect((await terminal.exit).code).toBe(130);
  expect(terminal.text).toContain('[CANCELLED]');
  expect(terminal.text).not.toMatch(/[\u001b\u2580-\u259f]/);
});
