// Somebody else with a login opens the engineer's terminal, to read what is typed or to write what they see.
import { expect } from '@jest/globals';
import { readlinkSync } from 'node:fs';
import { perlAs } from '../../../harness/around.ts';
import type { Attack } from '../../../harness/attack.ts';
import { changeAccount, waitingGate } from '../../../harness/from-outside.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'no login in the group tty, which may write to terminals',
      remove: async ({ people: { mallory } }) => changeAccount('gpasswd', ['-a', mallory.login, 'tty']),
    },
  ],
  run: async (host) => {
    const { alice, mallory } = host.people;
    await using terminal = alice.ssh(['-t', 'prod-db']);
    const path = readlinkSync(`/proc/${String(await waitingGate(host, terminal))}/fd/0`);
    const lines = ['<', '>', '+<'].map((how) => `print "open${how} " if open my $f, "${how}", "${path}";`);
    expect(path).toMatch(/^\/dev\/pts\/\d+$/);
    expect((await perlAs(mallory.login, [...lines, 'print "done";'])).stdout).toBe('done');
  },
};
