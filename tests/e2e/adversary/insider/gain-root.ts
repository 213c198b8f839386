// Root by a sudo rule that the session account has, or by a setuid program: with `privileges: none` nothing inside gains any.
import { expect } from '@jest/globals';
import { chmodSync, copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import type { Attack } from '../../../harness/attack.ts';
import { homeOf, runIn } from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'no_new_privs on the way to the session account',
      mutations: [{ file: 'keeper', piece: '["--no-new-privs", "--bounding-set=-all"]', becomes: '[]' }],
    },
  ],
  run: async (host) => {
    const { layout, root } = host;
    const rule = `/etc/sudoers.d/${layout.prefix}-careless`;
    const setuid = `${root}/etc/setuid-touch`;
    copyFileSync('/usr/bin/touch', setuid);
    chmodSync(setuid, 0o4755);
    const marks = ['sudo', 'setuid'].map((name) => `${root}/etc/gained-${name}`);
    try {
      writeFileSync(rule, `${layout.sessionAccount} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
      const inside = await enter(host, host.people.alice);
      await runIn(host, inside, [
        `sudo -n touch ${marks[0] ?? ''} < /dev/null`,
        `${setuid} ${marks[1] ?? ''}`,
        `sudo -n -u ${host.people.alice.login} touch ${homeOf(host)}/as-alice < /dev/null`,
        // What fails or speaks would open a view over the prompt.
        `tmux run-shell -b "sudo -n touch ${marks[0] ?? ''} > /dev/null 2>&1 || true"`,
      ]);
      expect(marks.filter((mark) => existsSync(mark))).toEqual([]);
      expect(existsSync(`${homeOf(host)}/as-alice`)).toBe(false);
    } finally {
      rmSync(rule);
      rmSync(setuid);
    }
  },
};
