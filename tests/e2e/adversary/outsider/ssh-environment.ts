// `~/.ssh/environment` and `environment=` before a key set variables for what starts the gate: here, the loader's.
import { expect } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { writeExact } from '../../../../scripts/sandbox/files.ts';
import type { Attack } from '../../../harness/attack.ts';
import { withHome } from '../../../harness/from-outside.ts';
import { sshdLineBecomes } from '../../../harness/sshd-edits.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'PermitUserEnvironment, on a host that permits it',
      remove: sshdLineBecomes('PermitUserEnvironment no', 'PermitUserEnvironment yes'),
    },
  ],
  run: async (host) => {
    const { login } = host.people.alice;
    const keys = `${host.layout.keys}/${login}`;
    const key = readFileSync(keys, 'utf8');
    writeExact(keys, `environment="LD_DEBUG=libs" ${key}`, 0o644);
    try {
      const { stdout, stderr } = await withHome(host, login, { '.ssh/environment': 'LD_DEBUG=libs\n' }, async () =>
        host.people.alice.run(['whoami']),
      );
      expect(stderr).toBe('');
      expect(stdout).toContain(login);
    } finally {
      writeExact(keys, key, 0o644);
    }
  },
};
