// Secrets that systemd hands to the keeper (systemd.exec(5), LoadCredential= and LoadCredentialEncrypted=), named in the policy as
// `credential:NAME` in the place of a path.
//
// 1. A credential is a file like any other: owner, mode and the folders above it are checked (safety.ts). Attack: a folder that somebody else
//    can write to, named by the environment.
// 2. The name is one part of a path. Attack: `credential:../../etc/shadow`.
// 3. Where the environment names no folder, it is that of the unit, which root can read: so `policy check` and the doctor, which systemd did
//    not start, look at what the keeper reads.
// 4. systemd reads a credential when the unit starts, and never again: a reload finds the secret of the start. Accident: a secret was exchanged,
//    the reload says that nothing has changed, and the old one stays in use. So the reload names the credentials.
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

/** The credentials that a policy names, each once, in their order (rule 4). @param raw its document */
export function credentialsIn(raw: unknown): readonly string[] {
  if (typeof raw === 'string') return form.test(raw) ? [raw] : [];
  if (typeof raw !== 'object' || raw === null) return [];
  return [...new Set(Object.values(raw).flatMap(credentialsIn))];
}

/** What is said of a credential that is not there, in the place of what is said of a file. */
export const noCredential = (text: string): string | undefined =>
  form.test(text)
    ? `There is no ${text}; give it to the unit: systemctl edit tmux-gate, [Service], LoadCredential=NAME:/path, then restart it.`
    : undefined;
