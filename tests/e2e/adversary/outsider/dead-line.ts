// A person whose client is stopped (or whose machine is gone) keeps the line, and with it the place inside.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { comesTrue } from '../../../harness/from-outside.ts';
import { connections, enter } from '../../../harness/inside.ts';
import { withSshd, withoutDirective } from '../../../harness/sshd-edits.ts';

/** The same directive, in a test's time. */
const sooner = (row: string): string => row.replace(/^(\s*ClientAliveInterval) .*/, '$1 1');

export const attack: Attack = {
  guards: [{ what: 'ClientAliveInterval', remove: withoutDirective('ClientAliveInterval') }],
  run: async (host) => {
    const inside = await withSshd(
      host,
      (rows) => rows.map(sooner),
      async () => enter(host, host.people.alice),
    );
    inside.terminal.kill('SIGSTOP');
    const gone = await comesTrue(() => connections(host.layout).length === 0, 20_000);
    await host.cli(['revoke', inside.grant]);
    expect(gone).toBe(true);
  },
};
