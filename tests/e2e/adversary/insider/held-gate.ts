// A login runs the gate from a shell of its own making and holds it up over its end, keeper dead, with a line already typed.
import { expect } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { account } from '../../../../scripts/sandbox/accounts.ts';
import { completeSignIn } from '../../../../scripts/sandbox/browser.ts';
import { must } from '../../../../scripts/sandbox/exec.ts';
import { Terminal } from '../../../../scripts/sandbox/terminal.ts';
import type { Attack } from '../../../harness/attack.ts';
import { expectEnded, homeOf, textOf } from '../../../harness/in-session.ts';
import { approve, connections, isAlive, prompt } from '../../../harness/inside.ts';

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

export const attack: Attack = {
  guards: [
    {
      what: 'the look at the clock at each byte',
      mutations: [
        { file: 'relay.js', piece: 'if (running.open && Date.now() >= running.end) {', becomes: 'if (false) {' },
      ],
    },
  ],
  run: async (host) => {
    const { layout, keeper } = host;
    const { alice, bob } = host.people;
    const { uid, gid } = account(alice.login);
    const as = ['--reuid', String(uid), '--regid', String(gid), '--init-groups'];
    const command = 'SSH_ORIGINAL_COMMAND=attach prod-db --for 10s --reason INC-1 look';
    const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' };
    await using terminal = new Terminal(
      'setpriv',
      [...as, 'env', command, 'perl', '-e', holder, `${layout.lib}/gate`],
      { env },
    );
    // Signed in is who asks with the same key; here there is none, so it is asked anew.
    const [url] = await terminal.until(/http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/);
    await completeSignIn(url, alice.account);
    const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})/);
    await approve(bob, request);
    await terminal.until(prompt);
    const facts = connections(layout)[0];
    if (facts === undefined) throw new Error('no connection');
    keeper.kill('SIGKILL');
    await keeper.exit;
    process.kill(terminal.pid, 'SIGUSR1');
    await delay(200);
    terminal.type('touch ~/typed-late\r');
    await delay(facts.end - Date.now() + 500);
    expect(isAlive(facts.gate.pid)).toBe(true);
    process.kill(terminal.pid, 'SIGUSR2');
    await expectEnded(terminal);
    expect(terminal.text).toContain('has ended');
    await must('sh', ['-c', `test ! -e ${homeOf(host)}/typed-late || echo there > ${layout.root}/late`]);
    const late = textOf(`${layout.root}/late`);
    await keeper.start();
    expect(late).toBe('');
  },
};
