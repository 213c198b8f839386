// The messages of `tmux-gate backup` and `tmux-gate restore`.
export const backupTo = 'a new file; - is standard output, for a pipe to age or to another host';
export const backupOnTerminal = 'a backup is not printed on a terminal';
export const backupUsage = 'tmux-gate backup -o FILE, or: tmux-gate backup -o - | age -r RECIPIENT >FILE';
export const onlyRoot = (command: string): string => `only root may ${command}`;
export const asRoot = (command: string): string => `sudo tmux-gate ${command}`;
export const nothingToBackUp = (folder: string): string => `there is no state in ${folder}`;
export const startOnce = 'the keeper makes it at its first start: systemctl start tmux-gate';
export const backupWritten = (file: string, size: string): string =>
  `Wrote ${file} (${size}): policy, keys, journal, recordings and state.\nIt holds this host's signing key and secrets: keep it as you keep those.\n`;
export const backupFailed = (why: string): string => `the backup is not complete: ${why}`;
export const notKept = 'nothing was kept; free some space, or name another file';
export const tarSaid = (code: string, said: string): string =>
  `tar ended with ${code}${said === '' ? '' : `: ${said}`}`;

export const keeperRuns = 'the keeper is running, and would go on with its own state';
export const stopKeeper = 'systemctl stop tmux-gate';
export const journalHere = (folder: string): string => `there is a journal here already: ${folder}`;
export const moveAside = (state: string): string => `keep it as evidence: mv ${state} ${state}.before`;
export const restoreFailed = (why: string): string => `nothing that was restored can be used: ${why}`;
export const notABackup =
  'is that a file of tmux-gate backup, complete and not encrypted? (age -d -i IDENTITY FILE | tmux-gate restore -)';
export const restored = (file: string): string =>
  `Restored ${file}. Records, locks and revocations that came after it are not here, so nobody gets in until you accept that:\n` +
  `  tmux-gate audit accept --reason 'restored from the backup of ...'\n` +
  `  systemctl restart tmux-gate\n` +
  `Witnesses will tell of the records that are missing: docs/on-call.md, "Fork". Break-glass codes are issued anew.\n`;
