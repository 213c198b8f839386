// A command behind `ssh prod-box`, whole or smuggled into a verb by metacharacters, runs as the login.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { openMarks } from '../../../harness/from-outside.ts';
import { withoutDirective } from '../../../harness/sshd-edits.ts';

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
  guards: [{ what: 'ForceCommand in the Match block', remove: withoutDirective('ForceCommand') }],
  run: async (host) => {
    using marks = openMarks(host);
    const lines = commands.map((command, n) => command.replace('%', `${marks.folder}/${String(n)}`));
    await Promise.all(lines.map(async (line) => host.people.alice.run(['--', line])));
    expect(marks.left()).toEqual([]);
  },
};
