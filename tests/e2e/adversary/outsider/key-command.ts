// A `command=` before the key in authorized_keys runs instead of the gate.
import { expect } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { writeExact } from '../../../../scripts/sandbox/files.ts';
import type { Attack } from '../../../harness/attack.ts';
import { openMarks } from '../../../harness/from-outside.ts';
import { withoutDirective } from '../../../harness/sshd-edits.ts';

export const attack: Attack = {
  guards: [{ what: "ForceCommand, which comes before a key's own", remove: withoutDirective('ForceCommand') }],
  run: async (host) => {
    using marks = openMarks(host);
    const { alice } = host.people;
    const keys = `${host.layout.keys}/${alice.login}`;
    const key = readFileSync(keys, 'utf8');
    writeExact(keys, `command="touch ${marks.folder}/ran" ${key}`, 0o644);
    try {
      await alice.run(['whoami']);
      expect(marks.left()).toEqual([]);
    } finally {
      writeExact(keys, key, 0o644);
    }
  },
};
