// The sftp subsystem reads files of the host as the login.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { withoutDirective } from '../../../harness/sshd-edits.ts';

export const attack: Attack = {
  guards: [{ what: 'ForceCommand, which sshd applies to subsystems too', remove: withoutDirective('ForceCommand') }],
  run: async ({ people: { alice } }) => {
    const client = await alice.connect();
    const got = await new Promise<string>((resolve) => {
      client.sftp((error, files) => {
        if (error !== undefined) return resolve('no sftp');
        files.readFile('/etc/passwd', (problem, bytes) => resolve(problem?.message ?? bytes.toString()));
      });
    });
    client.end();
    // The gate itself answers in sftp, and only to refuse.
    expect(got).toContain('[NO_FILES]');
  },
};
