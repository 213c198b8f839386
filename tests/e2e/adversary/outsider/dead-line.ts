// A client that is stopped keeps its line, and with it its place before the door or in the session, for ever.
import { expect } from '@jest/globals';
import { gates } from '../../../house/around.ts';
import type { Attack } from '../../../house/attack.ts';
import { comesTrue, waitingGate } from '../../../house/at-the-door.ts';
import { withoutSshdLine, withSshd } from '../../../house/sshd-lines.ts';

/** The same directive, in a test's time. */
const sooner = (row: string): string => row.replace(/^(\s*ClientAliveInterval) .*/, '$1 1');

export const attack: Attack = {
  guards: [{ what: 'ClientAliveInterval', remove: withoutSshdLine('ClientAliveInterval') }],
  run: async (host) => {
    await using sshd = await withSshd(host, (rows) => rows.map(sooner));
    void sshd;
    await using terminal = host.people.alice.ssh(['-t', 'prod-db']);
    await waitingGate(host, terminal);
    terminal.kill('SIGSTOP');
    expect(await comesTrue(() => gates(host.layout).length === 0, 15_000)).toBe(true);
  },
};
