// A PATH in `~/.pam_environment` puts a program called sudo before the real one, and the forced command starts it.
import { expect } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import type { Attack } from '../../../harness/attack.ts';
import { gatePath, openMarks, withHome } from '../../../harness/from-outside.ts';
import { sshdLineBecomes } from '../../../harness/sshd-edits.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'sudo by its whole path in ForceCommand',
      remove: async (host) =>
        sshdLineBecomes('ForceCommand', `  ForceCommand exec sudo -n ${gatePath(host.layout)}`)(host),
    },
  ],
  run: async (host) => {
    using marks = openMarks(host);
    writeFileSync(`${marks.folder}/sudo`, `#!/bin/sh\n/usr/bin/touch ${marks.folder}/lookalike\n`, { mode: 0o755 });
    const path = `PATH=${marks.folder}:/usr/bin:/bin\n`;
    const { alice } = host.people;
    await withHome(host, alice.login, { '.pam_environment': path }, async () => alice.run(['whoami']));
    expect(marks.left()).toEqual(['sudo']);
  },
};
