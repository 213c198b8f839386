// A login that has a password comes in with it, without any key.
import { expect } from '@jest/globals';
import { Client } from 'ssh2';
import { must } from '../../../../scripts/sandbox/exec.ts';
import type { Attack } from '../../../harness/attack.ts';
import { changeAccount } from '../../../harness/from-outside.ts';
import { withoutSshdLine } from '../../../harness/sshd-lines.ts';

async function byPassword(port: number, username: string): Promise<string> {
  const client = new Client();
  const answer = await new Promise<string>((resolve) => {
    client.once('ready', () => resolve('in')).once('error', (error) => resolve(error.message));
    client.connect({ host: '127.0.0.1', port, username, password: 'correct horse' });
  });
  client.end();
  return answer;
}

export const attack: Attack = {
  guards: [{ what: 'AuthenticationMethods', remove: withoutSshdLine('AuthenticationMethods publickey') }],
  run: async ({ people: { mallory }, sshd }) => {
    const hash = await must('perl', ['-e', 'print crypt("correct horse", q($6$tmuxgate$))']);
    await changeAccount('usermod', ['-p', hash, mallory.login]);
    try {
      expect(await byPassword(sshd.port, mallory.login)).toContain('authentication methods failed');
    } finally {
      await changeAccount('usermod', ['-p', '*', mallory.login]);
    }
  },
};
