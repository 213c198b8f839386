// Removes or replaces lines of sshd's configuration.
import { readFileSync } from 'node:fs';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { Host } from '../../scripts/sandbox/host.ts';

const fileOf = (host: Host): string => `${host.root}/etc/ssh/sshd_config.d/tmux-gate.conf`;

/** Makes a function that removes a line and waits until sshd has read the rest. @throws Error when it is not there exactly once */
export function withoutSshdLine(line: string): (host: Host) => Promise<void> {
  return async (host) => {
    const text = readFileSync(fileOf(host), 'utf8');
    const rows = text.split('\n');
    const kept = rows.filter((row) => row.trim() !== line);
    if (kept.length !== rows.length - 1) throw new Error(`sshd's lines hold not once: ${line}`);
    writeExact(fileOf(host), kept.join('\n'), 0o644);
    await host.sshd.reload();
  };
}

/** Runs something while a piece of the configuration is replaced, and restores it. @throws Error when it is not there exactly once */
export async function withOtherSshd<T>(host: Host, piece: string, becomes: string, run: () => Promise<T>): Promise<T> {
  const text = readFileSync(fileOf(host), 'utf8');
  if (text.split(piece).length !== 2) throw new Error(`sshd's lines hold not once: ${piece}`);
  const write = async (next: string): Promise<void> => {
    writeExact(fileOf(host), next, 0o644);
    await host.sshd.reload();
  };
  await write(text.replace(piece, () => becomes));
  return run().finally(async () => write(text));
}
