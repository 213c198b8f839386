// `ssh -N` asks for nothing and waits on its connection for an opportunity.
import { expect } from '@jest/globals';
import { outcome } from '../../../../scripts/sandbox/exec.ts';
import type { Attack } from '../../../harness/attack.ts';
import { withSshd, withoutDirective } from '../../../harness/sshd-edits.ts';

/** The same directive, in a test's time. */
const sooner = (row: string): string => row.replace(/^(\s*UnusedConnectionTimeout) .*/, '$1 1');

export const attack: Attack = {
  guards: [{ what: 'UnusedConnectionTimeout', remove: withoutDirective('UnusedConnectionTimeout') }],
  run: async (host) => {
    const { code } = await withSshd(
      host,
      (rows) => rows.map(sooner),
      async () => outcome('ssh', host.people.alice.sshArgs(['-N']), { timeoutMs: 15_000 }),
    );
    expect(code).toBe(255);
  },
};
