// sudo with a piece of our rule missing, or saying something else.
import { readFileSync, renameSync } from 'node:fs';
import { must } from '../../scripts/sandbox/exec.ts';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { Host } from '../../scripts/sandbox/host.ts';

/** @throws Error when the piece is not there once, or visudo finds a fault: a broken file would break sudo itself. */
export function sudoRuleBecomes(piece: string, other: string): (host: Host) => Promise<void> {
  return async ({ layout: { sudoRule } }) => {
    const parts = readFileSync(sudoRule, 'utf8').split(piece);
    if (parts.length !== 2) throw new Error(`the rule holds ${String(parts.length - 1)} times, not once: ${piece}`);
    writeExact(`${sudoRule}.draft`, parts.join(other), 0o440); // a name with a dot is never in force (sudoers(5))
    await must('visudo', ['-cf', `${sudoRule}.draft`]);
    renameSync(`${sudoRule}.draft`, sudoRule);
  };
}
