// Limits, priority, timer slack and oom score that a login gave itself follow the gate: a recording that stops, a late end.
import { expect } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import type { Attack } from '../../../harness/attack.ts';
import { gatePath, terminalAs, waitingGate } from '../../../harness/from-outside.ts';

// Soft limits: not every container lets its root raise a hard one, and there the gate dies of it instead of going on.
const weaken = [
  'echo 900 > /proc/self/oom_score_adj; echo 1000000000 > /proc/self/timerslack_ns; umask 000; cd /tmp;',
  `trap '' HUP INT QUIT TERM USR1 USR2 ALRM; exec prlimit --fsize=65536: --cpu=600: --nofile=200: nice -n 15 sudo -n "$0"`,
].join('\n');

const proc = (pid: number, name: string): string => readFileSync(`/proc/${String(pid)}/${name}`, 'latin1');
/** proc(5): the command may hold spaces, what follows it does not. */
const nice = (stat: string): string => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16] ?? '';

export const attack: Attack = {
  guards: [
    {
      what: 'the reset of what a caller hands through sudo',
      mutations: [{ file: 'gate', piece: '  resetInherited();\n', becomes: '' }],
    },
  ],
  run: async (host) => {
    const command = { SSH_ORIGINAL_COMMAND: 'prod-db' };
    const argv = ['sh', '-c', weaken, gatePath(host.layout)];
    await using terminal = terminalAs(host.people.alice.login, argv, command);
    const pid = await waitingGate(host, terminal);
    const limits = proc(pid, 'limits');
    expect(limits).toMatch(/^Max file size +unlimited/m);
    expect(limits).toMatch(/^Max cpu time +unlimited/m);
    expect(limits).toMatch(/^Max open files +1024/m);
    expect(proc(pid, 'oom_score_adj').trim()).toBe('0');
    // Slack and priority are each thread's own.
    const threads = readdirSync(`/proc/${String(pid)}/task`).map(Number);
    expect(threads.map((thread) => [proc(thread, 'timerslack_ns').trim(), nice(proc(thread, 'stat'))])).toEqual(
      threads.map(() => ['50000', '0']),
    );
    expect(proc(pid, 'status')).toMatch(/^Umask:\t0077$/m);
  },
};
