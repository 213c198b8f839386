// LD_PRELOAD and its like in `~/.pam_environment` (Debian's PAM reads it) load the login's code into what starts the gate.
import { expect } from '@jest/globals';
import type { Attack } from '../../../house/attack.ts';
import { plantInHome } from '../../../house/at-the-door.ts';
import { withoutSshdLine } from '../../../house/sshd-lines.ts';

export const attack: Attack = {
  guards: [{ what: 'SetEnv of empty values, which comes after PAM', remove: withoutSshdLine('SetEnv') }],
  run: async (host) => {
    const lines = 'LD_PRELOAD=/planted-preload.so\nLD_AUDIT=/planted-audit.so\nLD_LIBRARY_PATH=/planted\n';
    using planted = plantInHome(host, host.people.alice.login, { '.pam_environment': lines });
    void planted;
    // The loader says so of each library that it was told to load and could not.
    const { stderr, stdout } = await host.people.alice.run(['whoami']);
    expect(stderr).not.toContain('planted');
    expect(stdout).toContain(host.people.alice.login);
  },
};
