// Law 4 against a login that runs the gate from a shell of its own making, and holds it up over the end of its window.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { approve, connections, eventually, isAlive, testHost } from '../house/inside.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'brk' });
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
});

/**
 * Leads the terminal's session, with the gate as its foreground group. USR1 puts the gate into the background, where its next
 * read of the terminal never returns (SIGTTIN, and the read begins anew); USR2 brings it back.
 */
const holder = `use POSIX;
$SIG{TTOU} = $SIG{HUP} = 'IGNORE';
my $gate = fork;
if (!$gate) { setpgid(0, 0); tcsetpgrp(0, $$); $SIG{TTOU} = 'DEFAULT'; exec 'sudo', '-n', $ARGV[0] }
$SIG{USR1} = sub { tcsetpgrp(0, getpgrp()) };
$SIG{USR2} = sub { tcsetpgrp(0, $gate) };
1 until waitpid($gate, 0) == $gate;`;

const idOf = (flag: string, login: string): string => execFileSync('id', [flag, login], { encoding: 'utf8' }).trim();

test('law 4: what was typed to a gate that was held up over its end reaches no session, with the keeper dead as well', async () => {
  const { alice, bob } = host.people;
  const as = ['--reuid', idOf('-u', alice.login), '--regid', idOf('-g', alice.login), '--init-groups'];
  const command = 'SSH_ORIGINAL_COMMAND=attach prod-db --for 8s --reason INC-1 look';
  await using terminal = new Terminal(
    'setpriv',
    [...as, 'env', command, 'perl', '-e', holder, `${host.layout.lib}/gate`],
    {
      env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
    },
  );
  const [url] = await terminal.until(/http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/);
  await completeSignIn(url, alice.account);
  const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})/);
  await approve(bob, request);
  await terminal.until(/\$ /);
  const { end, gate, recording } = await eventually('the connection', () => connections(host.layout)[0]);
  host.keeper.kill('SIGKILL');
  await host.keeper.exit;
  process.kill(terminal.pid, 'SIGUSR1');
  await new Promise((resolve) => setTimeout(resolve, 200));
  terminal.type('echo "$((20+22))-late"\r');
  await new Promise((resolve) => setTimeout(resolve, end - Date.now() + 1_000));
  expect(isAlive(gate.pid)).toBe(true);
  process.kill(terminal.pid, 'SIGUSR2');
  await terminal.exit;
  expect(terminal.text).toContain('is over');
  const sent = execFileSync('tmux', ['-S', socket(), 'capture-pane', '-p', '-t', '=prod-db:'], { encoding: 'utf8' });
  expect(sent).not.toContain('late');
  expect(recording).not.toBe('');
});

function socket(): string {
  return execFileSync('sh', ['-c', `ls ${host.layout.run}/s/*/sock`], { encoding: 'utf8' }).trim();
}
