// Changes directives of sshd's configuration.
import { readFileSync } from 'node:fs';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { Host } from '../../scripts/sandbox/host.ts';

const fileOf = (host: Host): string => `${host.root}/etc/ssh/sshd_config.d/tmux-gate.conf`;

type Rows = readonly string[];

/** Writes changed lines and waits until sshd uses them for new connections. */
async function rewrite(host: Host, edit: (rows: Rows) => Rows): Promise<void> {
  writeExact(fileOf(host), edit(readFileSync(fileOf(host), 'utf8').split('\n')).join('\n'), 0o644);
  await host.sshd.reload();
}

/** Makes a function that replaces a line. @param line the whole line, or its directive. @throws Error when it is not there exactly once */
export function sshdLineBecomes(line: string, ...others: Rows): (host: Host) => Promise<void> {
  const isIt = (row: string): boolean => row.trim() === line || row.trim().startsWith(`${line} `);
  return async (host) =>
    rewrite(host, (rows) => {
      const found = rows.filter(isIt).length;
      if (found !== 1) throw new Error(`sshd's lines hold ${String(found)} times, not once: ${line}`);
      return rows.flatMap((row) => (isIt(row) ? others : [row]));
    });
}

/** Makes a function that removes a directive, whatever its value. */
export function withoutDirective(name: string): (host: Host) => Promise<void> {
  return sshdLineBecomes(name);
}

/** Runs something under a changed configuration, and restores it. */
export async function withSshd<T>(host: Host, edit: (rows: Rows) => Rows, run: () => Promise<T>): Promise<T> {
  const before = readFileSync(fileOf(host), 'utf8').split('\n');
  await rewrite(host, edit);
  return run().finally(async () => rewrite(host, () => before));
}
