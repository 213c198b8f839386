// A key that a login (or somebody else) added to `~/.ssh/authorized_keys` opens the door.
import { expect } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { outcome } from '../../../../scripts/sandbox/exec.ts';
import type { Attack } from '../../../house/attack.ts';
import { plantInHome } from '../../../house/at-the-door.ts';
import { withoutSshdLine } from '../../../house/sshd-lines.ts';

export const attack: Attack = {
  guards: [{ what: 'AuthorizedKeysFile: keys that root wrote', remove: withoutSshdLine('AuthorizedKeysFile') }],
  run: async (host) => {
    const { alice, mallory } = host.people;
    const key = readFileSync(`${mallory.keyFile}.pub`, 'utf8');
    using planted = plantInHome(host, alice.login, { '.ssh/authorized_keys': `environment="X=1",command="id" ${key}` });
    void planted;
    const { stdout, stderr } = await outcome('ssh', ['-l', alice.login, ...mallory.sshArgs(['whoami'])]);
    expect(stdout).toBe('');
    expect(stderr).toContain('Permission denied');
  },
};
