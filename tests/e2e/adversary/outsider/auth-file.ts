// SSH_USER_AUTH names a file that only root can read: the gate reads it for the login, and the keeper tells what it says.
import { expect } from '@jest/globals';
import { readFileSync, symlinkSync } from 'node:fs';
import { writeExact } from '../../../../scripts/sandbox/files.ts';
import { asAccount } from '../../../harness/around.ts';
import type { Attack } from '../../../harness/attack.ts';
import { gatePath, openMarks } from '../../../harness/from-outside.ts';

export const attack: Attack = {
  guards: [
    {
      what: "the caller's effective uid until go",
      mutations: [{ file: 'gate', piece: '  lowerTo(caller.uid);\n', becomes: '' }],
    },
  ],
  run: async (host) => {
    using marks = openMarks(host);
    const { alice, bob } = host.people;
    const secret = `${host.root}/roots-own`;
    writeExact(secret, `publickey ${readFileSync(`${bob.keyFile}.pub`, 'utf8')}`, 0o600);
    symlinkSync(secret, `${marks.folder}/link`);
    for (const path of [secret, `${marks.folder}/link`]) {
      const env = { SSH_ORIGINAL_COMMAND: 'whoami --json', SSH_USER_AUTH: path };
      const { stdout } = await asAccount(alice.login, ['sudo', '-n', gatePath(host.layout)], env);
      expect(JSON.parse(stdout)).toMatchObject({ login: alice.login, key: null });
    }
  },
};
