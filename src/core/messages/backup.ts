// The messages of `tmux-gate backup` and `tmux-gate restore`.
export const backupTo = 'a new file; - is standard output, for a pipe to another host';
export const backupOnTerminal = 'a backup is not printed on a terminal';
export const backupUsage = 'tmux-gate backup -o FILE, or with - a pipe: tmux-gate backup -o - | ssh HOST ...';
export const onlyRoot = (command: string): string => `only root may ${command}`;
export const asRoot = (command: string): string => `sudo tmux-gate ${command}`;
export const nothingToBackUp = (folder: string): string => `there is no state in ${folder}`;
export const startOnce = 'the keeper makes it at its first start: systemctl start tmux-gate';
/** @param recipients how many it is encrypted to; 0: it is not */
export const backupWritten = (file: string, size: string, recipients: number): string =>
  `Wrote ${file} (${size}): policy, keys, journal, recordings and state.\n${
    recipients === 0
      ? "It holds this host's signing key and secrets: keep it as you keep those."
      : `It is encrypted to ${recipients === 1 ? 'one recipient' : `${recipients} recipients`}: without an identity of theirs nobody opens it, nor does this host.`
  }\n`;
export const encryptTo = 'encrypt it to a recipient of age (age1...); several times for several';
export const recipientFaults = {
  identity: 'this is a secret key; name its recipient, age1... (age-keygen -y FILE)',
  kind: 'recipients of this kind are not taken; name one as age-keygen makes it',
  none: 'this is no recipient of age: age1..., as age-keygen prints it',
} as const;
export const backupFailed = (why: string): string => `the backup is not complete: ${why}`;
export const notKept = 'nothing was kept; free some space, or name another file';
export const tarSaid = (code: string, said: string): string =>
  `tar ended with ${code}${said === '' ? '' : `: ${said}`}`;

export const keeperRuns = 'the keeper is running, and would go on with its own state';
export const stopKeeper = 'systemctl stop tmux-gate';
export const journalHere = (folder: string): string => `there is a journal here already: ${folder}`;
export const moveAside = (state: string): string => `keep it as evidence: mv ${state} ${state}.before`;
export const identityFile = 'a file with an age identity, for an encrypted backup';
export const encryptedBackup = 'the backup is encrypted';
export const giveIdentity = 'give the age identity of a recipient: --identity FILE';
export const wrongIdentity = 'this identity does not open the backup, or its header was changed';
export const otherIdentity = 'nothing was restored; give the identity of a recipient of this backup';
export const identityNotReadable = (path: string): string => `the identity ${path.slice(0, 100)} cannot be read`;
export const restoreFailed = (why: string): string => `nothing that was restored can be used: ${why}`;
export const notABackup =
  'is that a file of tmux-gate backup, complete and as it was written? Remove what was unpacked before the next try';
export const restored = (file: string): string =>
  `Restored ${file}. Records, locks and revocations that came after it are not here, so nobody gets in until you accept that:\n` +
  `  tmux-gate audit accept --reason 'restored from the backup of ...'\n` +
  `  systemctl restart tmux-gate\n` +
  `Witnesses will tell of the records that are missing: docs/on-call.md, "Fork". Break-glass codes are issued anew.\n`;
