// Secrets that systemd hands to the keeper (systemd.exec(5), LoadCredential= and LoadCredentialEncrypted=), named in the policy as
// `credential:NAME` in the place of a path.
//
// 1. A credential is a file like any other: owner, mode and the folders above it are checked (safety.ts). Attack: a folder that somebody else
//    can write to, named by the environment.
// 2. The name is one part of a path. Attack: `credential:../../etc/shadow`.
// 3. Where the environment names no folder, it is that of the unit, which root can read: so `policy check` and the doctor, which systemd did
//    not start, look at what the keeper reads.
import { path } from './fields.ts';
import * as z from 'zod';

const unitFolder = '/run/credentials/tmux-gate.service';
/** Rule 2. */
const form = /^credential:([A-Za-z0-9][A-Za-z0-9._-]{0,63})$/;

/** The path of a credential; any other text as it is. @param environment of this process */
export function credentialPath(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  const [, name] = form.exec(text) ?? [];
  return name === undefined ? text : `${environment['CREDENTIALS_DIRECTORY'] ?? unitFolder}/${name}`;
}

const noName =
  'This is not the name of a credential; write credential:NAME as LoadCredential= of the unit has it: letters, digits, dots and dashes.';

/** The path of a file with a secret, or `credential:NAME`, which becomes its path. */
export const secretPath = z
  .string()
  .superRefine((text, context) => {
    if (form.test(text)) return;
    const problem = text.startsWith('credential:') ? noName : path.safeParse(text).error?.issues[0]?.message;
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .transform((text) => credentialPath(text));

/** What is said of a credential that is not there, in the place of what is said of a file. */
export const noCredential = (text: string): string | undefined =>
  form.test(text)
    ? `There is no ${text}; give it to the unit: systemctl edit tmux-gate, [Service], LoadCredential=NAME:/path, then restart it.`
    : undefined;
