// Whether sudo's rule names a login now (threats H4, M2).
//
// 1. sudo believes the groups of the process that calls it, and those are as old as the connection. Attack: a person who was
//    taken out of the gated group goes on knocking over a connection that stayed open. So the rule is asked again, as root,
//    with the groups that the login has at this moment (sudo(8), -l -U).
// 2. No answer is none (law 1): only who is named may knock, and nobody is cut because a directory was down.
import { execFile } from 'node:child_process';

const sudo = '/usr/bin/sudo';
const env = { PATH: '/usr/bin:/bin', LANG: 'C' };
/** How long sudo may take: milliseconds. */
export const sudoAnswerMs = 5_000;

export type Named = 'yes' | 'no' | 'unknown';

/** @param program the one that the rule names, by its whole path. */
export function namedBySudo(login: string, program: string): Promise<Named> {
  const args = ['-n', '-l', '-U', login, program];
  return new Promise((resolve) => {
    execFile(sudo, args, { timeout: sudoAnswerMs, killSignal: 'SIGKILL', env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim() === program ? 'yes' : 'unknown');
      // It says nothing at all of a program that the login may not run; whatever else is wrong it says so.
      else resolve(error.code === 1 && stdout === '' && stderr === '' ? 'no' : 'unknown');
    });
  });
}

/** Reads an answer that came from elsewhere (rule 2). */
export const asNamed = (said: unknown): Named => (said === 'yes' || said === 'no' ? said : 'unknown');
