// Variables on sudo's own line (`VAR=value`, -E) make the gate's Node load a file of the login's, as root.
import { expect } from '@jest/globals';
import { asAccount } from '../../../harness/around.ts';
import type { Attack } from '../../../harness/attack.ts';
import { gatePath, openMarks } from '../../../harness/from-outside.ts';
import { nodeTrap } from '../../../harness/node-trap.ts';
import { sudoRuleBecomes } from '../../../harness/sudo-lines.ts';

export const attack: Attack = {
  guards: [{ what: '!setenv', remove: sudoRuleBecomes('!setenv', 'setenv') }],
  run: async (host) => {
    using marks = openMarks(host);
    const [gate, options] = [gatePath(host.layout), nodeTrap(marks.folder)];
    const { login } = host.people.alice;
    const command = { SSH_ORIGINAL_COMMAND: 'whoami' };
    const own = await asAccount(login, ['sudo', '-n', `NODE_OPTIONS=${options}`, gate], command);
    const kept = await asAccount(login, ['sudo', '-n', '-E', gate], { ...command, NODE_OPTIONS: options });
    expect(marks.left()).toEqual(['trap.cjs']);
    expect([own.stderr, kept.stderr]).toEqual(Array(2).fill(expect.stringContaining('not allowed to')));
  },
};
