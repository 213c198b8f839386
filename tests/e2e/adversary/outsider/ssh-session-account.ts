// `ssh dba@prod-box` with a key that somebody inside left in the session account's home.
import { expect } from '@jest/globals';
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { account } from '../../../../scripts/sandbox/accounts.ts';
import { outcome } from '../../../../scripts/sandbox/exec.ts';
import type { Attack } from '../../../harness/attack.ts';
import { withoutDirective } from '../../../harness/sshd-edits.ts';

export const attack: Attack = {
  guards: [{ what: 'DenyUsers', remove: withoutDirective('DenyUsers') }],
  run: async ({ people: { alice }, layout: { home, sessionAccount } }) => {
    const folder = `${home}/${sessionAccount}/.ssh`;
    const { uid, gid } = account(sessionAccount);
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(`${folder}/authorized_keys`, readFileSync(`${alice.keyFile}.pub`), { mode: 0o600 });
    for (const path of [folder, `${folder}/authorized_keys`]) chownSync(path, uid, gid);
    const { stdout, stderr } = await outcome('ssh', ['-l', sessionAccount, ...alice.sshArgs(['id'])]);
    rmSync(folder, { recursive: true });
    expect(stdout).toBe('');
    expect(stderr).toContain('Permission denied');
  },
};
