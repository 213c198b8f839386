// Variables around sudo (NODE_OPTIONS, LD_PRELOAD, BASH_ENV, TMUX, SUDO_UID) reach the gate, which runs as root.
import { expect } from '@jest/globals';
import { asAccount } from '../../../harness/around.ts';
import type { Attack } from '../../../harness/attack.ts';
import { gatePath, openMarks } from '../../../harness/from-outside.ts';
import { nodeTrap } from '../../../harness/node-trap.ts';
import { sudoRuleBecomes } from '../../../harness/sudo-lines.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'env_reset, on a host whose other rules switch it off',
      remove: sudoRuleBecomes(' env_reset', ' !env_reset'),
    },
  ],
  run: async (host) => {
    using marks = openMarks(host);
    const node = {
      NODE_OPTIONS: nodeTrap(marks.folder),
      NODE_V8_COVERAGE: marks.folder,
      NODE_COMPILE_CACHE: marks.folder,
    };
    const loader = {
      LD_PRELOAD: '/planted.so',
      BASH_ENV: '/planted',
      TMUX: '/planted',
    };
    const caller = { SUDO_UID: '0', SUDO_USER: 'root', SSH_ORIGINAL_COMMAND: 'whoami --json' };
    const env = { ...node, ...loader, ...caller };
    const { stdout } = await asAccount(host.people.alice.login, ['sudo', '-n', gatePath(host.layout)], env);
    expect(marks.left()).toEqual(['trap.cjs']);
    expect(JSON.parse(stdout)).toMatchObject({ login: host.people.alice.login });
  },
};
