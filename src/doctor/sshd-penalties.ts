// Checks sshd's penalties for an address that failed to log in (OpenSSH 9.8 and later; global, not in a Match block). People behind one
// address, such as an office, are locked out together (threats M8).
import { ok, warn, type Check, type Finding } from './check.ts';
import { readServer, valueOf, type Settings } from './sshd-settings.ts';

/** Whether penalties are in force without an exempt address. */
export function penaltiesFinding(settings: Settings): Finding {
  const [penalties, exempt] = ['persourcepenalties', 'persourcepenaltyexemptlist'].map((key) => valueOf(settings, key));
  if (penalties === '') return ok('this OpenSSH has no penalties (they came with 9.8)');
  if (penalties === 'no') return ok('no penalties for an address');
  if (exempt !== '' && exempt !== 'none') return ok(`penalties for an address, except ${exempt}`);
  return warn(
    'people behind one address, an office, may be locked out together once some of them fail to log in',
    `name the office's address in "PerSourcePenaltyExemptList ADDRESS/BITS" of sshd's configuration, outside any Match`,
  );
}

export const penalties: Check = {
  id: 'sshd-penalties',
  about: '`PerSourcePenalties` (OpenSSH 9.8): whether an office behind one address may be locked out together',
  look: async ({ sshdConfig }) => [penaltiesFinding(await readServer(sshdConfig))],
};
