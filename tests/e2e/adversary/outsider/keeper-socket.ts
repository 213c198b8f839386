// A login speaks to the keeper itself, as the gate or as root's own command line would.
import { expect } from '@jest/globals';
import { must } from '../../../../scripts/sandbox/exec.ts';
import { perlAs } from '../../../harness/around.ts';
import type { Attack } from '../../../harness/attack.ts';

const hello = {
  ...{ t: 'hello', v: 1, kind: 'local', uid: 0, login: 'root', pid: 1, command: 'status', tty: false },
  ...{ cols: 80, rows: 24, term: 'xterm', utf8: true, address: '', auth: '' },
};

export const attack: Attack = {
  guards: [
    {
      what: "the mode of the keeper's socket",
      remove: async ({ layout }) => {
        await must('chmod', ['666', `${layout.run}/keeper.sock`]);
      },
    },
  ],
  run: async ({ people: { mallory }, layout }) => {
    const { stdout } = await perlAs(mallory.login, [
      'use IO::Socket::UNIX; $SIG{ALRM} = sub { exit }; alarm 10;',
      `my $keeper = IO::Socket::UNIX->new(Peer => "${layout.run}/keeper.sock") or exit;`,
      `$keeper->print(q(${JSON.stringify(hello)}), "\\n"); print scalar <$keeper>;`,
    ]);
    expect(stdout).toBe('');
  },
};
