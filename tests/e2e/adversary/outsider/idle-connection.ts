// `ssh -N` asks for nothing and waits on its connection for an opportunity.
import { expect } from '@jest/globals';
import { outcome } from '../../../../scripts/sandbox/exec.ts';
import type { Attack } from '../../../house/attack.ts';
import { withoutSshdLine, withSshd } from '../../../house/sshd-lines.ts';

/** The same directive, in a test's time. */
const sooner = (row: string): string => row.replace(/^(\s*UnusedConnectionTimeout) .*/, '$1 1');

export const attack: Attack = {
  guards: [{ what: 'UnusedConnectionTimeout', remove: withoutSshdLine('UnusedConnectionTimeout') }],
  run: async (host) => {
    await using sshd = await withSshd(host, (rows) => rows.map(sooner));
    void sshd;
    const { code } = await outcome('ssh', host.people.alice.sshArgs(['-N']), { timeoutMs: 15_000 });
    expect(code).toBe(255);
  },
};
