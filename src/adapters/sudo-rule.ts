// Whether sudo's rule allows a login to start the gate now (threats H4, M2).
//
// 1. sudo is asked again, as root, with the groups that the login has at this moment (sudo(8), -l -U). Attack: sudo itself uses the
//    groups of the process that calls it, which are as old as the ssh connection, so a person who was taken out of the gated group could
//    go on starting gates over a connection that stayed open.
// 2. No answer is `unknown`: a new visit needs a `yes` (law 1), but no connection is ended because a directory was down.
import { execFile } from 'node:child_process';

const sudo = '/usr/bin/sudo';
const env = { PATH: '/usr/bin:/bin', LANG: 'C' };
/** The longest that sudo may take, in milliseconds. */
export const sudoAnswerMs = 5_000;

/** Whether sudo's rule names a login; `unknown` when sudo gave no answer. */
export type Named = 'yes' | 'no' | 'unknown';

/** Asks sudo whether the login may run a program as root. Never throws. @param program its whole path, as the rule names it. */
export function namedBySudo(login: string, program: string): Promise<Named> {
  const args = ['-n', '-l', '-U', login, program];
  return new Promise((resolve) => {
    execFile(sudo, args, { timeout: sudoAnswerMs, killSignal: 'SIGKILL', env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim() === program ? 'yes' : 'unknown');
      // sudo prints nothing at all about a program that the login may not run. Whatever else is wrong, it prints a message.
      else resolve(error.code === 1 && stdout === '' && stderr === '' ? 'no' : 'unknown');
    });
  });
}

/** Reads an answer that another process gave; anything unexpected is `unknown` (rule 2). */
export const asNamed = (said: unknown): Named => (said === 'yes' || said === 'no' ? said : 'unknown');
