// A certificate of a CA that the host trusts carries a force-command of its own.
import { expect } from '@jest/globals';
import { must, outcome } from '../../../../scripts/sandbox/exec.ts';
import { makeKey } from '../../../../scripts/sandbox/sshd.ts';
import type { Attack } from '../../../harness/attack.ts';
import { openMarks } from '../../../harness/from-outside.ts';
import { withSshd, withoutDirective } from '../../../harness/sshd-edits.ts';

export const attack: Attack = {
  guards: [
    { what: "ForceCommand, beside which a certificate's own is refused", remove: withoutDirective('ForceCommand') },
  ],
  run: async (host) => {
    using marks = openMarks(host);
    const { alice } = host.people;
    const [authority, key] = [`${host.layout.client}/authority`, `${host.layout.client}/certified`];
    await must('rm', ['-f', authority, `${authority}.pub`, key, `${key}.pub`, `${key}-cert.pub`]);
    await makeKey(authority, 'authority');
    await makeKey(key, 'certified');
    const command = `force-command=touch ${marks.folder}/ran`;
    await must('ssh-keygen', ['-q', '-s', authority, '-I', 'x', '-n', alice.login, '-O', command, `${key}.pub`]);
    await withSshd(
      host,
      (rows) => [`TrustedUserCAKeys ${authority}.pub`, ...rows],
      async () => outcome('ssh', ['-i', key, ...alice.sshArgs(['whoami'])]),
    );
    expect(marks.left()).toEqual([]);
  },
};
