// sshd with a directive of its configuration missing, or saying something else.
import { readFileSync } from 'node:fs';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { Host } from '../../scripts/sandbox/host.ts';

const fileOf = (host: Host): string => `${host.root}/etc/ssh/sshd_config.d/tmux-gate.conf`;

type Rows = readonly string[];

/** sshd reads its configuration anew for each connection after SIGHUP. */
async function rewrite(host: Host, edit: (rows: Rows) => Rows): Promise<void> {
  writeExact(fileOf(host), edit(readFileSync(fileOf(host), 'utf8').split('\n')).join('\n'), 0o644);
  await host.sshd.reload();
}

/** @param line the whole of it, or its directive. @throws Error when it is not there once. */
export function sshdLineBecomes(line: string, ...others: Rows): (host: Host) => Promise<void> {
  const isIt = (row: string): boolean => row.trim() === line || row.trim().startsWith(`${line} `);
  return async (host) =>
    rewrite(host, (rows) => {
      const found = rows.filter(isIt).length;
      if (found !== 1) throw new Error(`sshd's lines hold ${String(found)} times, not once: ${line}`);
      return rows.flatMap((row) => (isIt(row) ? others : [row]));
    });
}

/** Takes one out, whatever its value. */
export function withoutDirective(name: string): (host: Host) => Promise<void> {
  return sshdLineBecomes(name);
}

/** Runs something under another configuration. */
export async function withSshd<T>(host: Host, edit: (rows: Rows) => Rows, run: () => Promise<T>): Promise<T> {
  const before = readFileSync(fileOf(host), 'utf8').split('\n');
  await rewrite(host, edit);
  return run().finally(async () => rewrite(host, () => before));
}
