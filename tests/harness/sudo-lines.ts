// Changes the gate's sudo rule.
import { readFileSync, renameSync } from 'node:fs';
import { must } from '../../scripts/sandbox/exec.ts';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { Host } from '../../scripts/sandbox/host.ts';

/** Makes a function that replaces a piece of the rule. @throws Error when it is not there exactly once, or visudo finds a fault */
export function sudoRuleBecomes(piece: string, other: string): (host: Host) => Promise<void> {
  return async ({ layout: { sudoRule } }) => {
    const parts = readFileSync(sudoRule, 'utf8').split(piece);
    if (parts.length !== 2) throw new Error(`the rule holds ${String(parts.length - 1)} times, not once: ${piece}`);
    writeExact(`${sudoRule}.draft`, parts.join(other), 0o440); // sudo ignores names with a dot (sudoers(5))
    await must('visudo', ['-cf', `${sudoRule}.draft`]);
    renameSync(`${sudoRule}.draft`, sudoRule);
  };
}
