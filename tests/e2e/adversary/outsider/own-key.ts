// A key that a login (or somebody else) added to `~/.ssh/authorized_keys` opens the door.
import { expect } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { outcome } from '../../../../scripts/sandbox/exec.ts';
import type { Attack } from '../../../harness/attack.ts';
import { withHome } from '../../../harness/from-outside.ts';
import { withoutDirective } from '../../../harness/sshd-edits.ts';

export const attack: Attack = {
  guards: [{ what: 'AuthorizedKeysFile: keys that root wrote', remove: withoutDirective('AuthorizedKeysFile') }],
  run: async (host) => {
    const { alice, mallory } = host.people;
    const key = readFileSync(`${mallory.keyFile}.pub`, 'utf8');
    const planted = { '.ssh/authorized_keys': `environment="X=1",command="id" ${key}` };
    const { stdout, stderr } = await withHome(host, alice.login, planted, async () =>
      outcome('ssh', ['-l', alice.login, ...mallory.sshArgs(['whoami'])]),
    );
    expect(stdout).toBe('');
    expect(stderr).toContain('Permission denied');
  },
};
