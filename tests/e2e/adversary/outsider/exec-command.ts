// A command behind `ssh prod-box`, whole or smuggled into a verb by metacharacters, runs as the login.
import { expect } from '@jest/globals';
import type { Attack } from '../../../house/attack.ts';
import { openMarks } from '../../../house/at-the-door.ts';
import { withoutSshdLine } from '../../../house/sshd-lines.ts';

const commands = [
  'touch %',
  'help; touch %',
  '$(touch %)',
  '`touch %`',
  'prod-db\ntouch %',
  "help' ; touch % ; '",
  '-c "touch %"',
] as const;

export const attack: Attack = {
  guards: [{ what: 'ForceCommand in the Match block', remove: withoutSshdLine('ForceCommand') }],
  run: async (host) => {
    using marks = openMarks(host);
    for (const [n, command] of commands.entries()) {
      await host.people.alice.run(['--', command.replace('%', `${marks.folder}/${String(n)}`)]);
    }
    expect(marks.left()).toEqual([]);
  },
};
