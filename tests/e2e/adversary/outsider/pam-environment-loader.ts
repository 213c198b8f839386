// LD_PRELOAD and its like in `~/.pam_environment` (Debian's PAM reads it) load the login's code into what starts the gate.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { withHome } from '../../../harness/from-outside.ts';
import { withoutDirective } from '../../../harness/sshd-edits.ts';

export const attack: Attack = {
  guards: [{ what: 'SetEnv of empty values, which comes after PAM', remove: withoutDirective('SetEnv') }],
  run: async (host) => {
    const lines = 'LD_PRELOAD=/planted-preload.so\nLD_AUDIT=/planted-audit.so\nLD_LIBRARY_PATH=/planted\n';
    const { alice } = host.people;
    // The loader says so of each library that it was told to load and could not.
    const { stderr, stdout } = await withHome(host, alice.login, { '.pam_environment': lines }, async () =>
      alice.run(['whoami']),
    );
    expect(stderr).not.toContain('planted');
    expect(stdout).toContain(alice.login);
  },
};
