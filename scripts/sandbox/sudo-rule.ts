// The sudo rule of a sandbox: deploy/sudoers with names and paths replaced, so that what ships is what is tested.
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './exec.ts';
import { writeExact } from './files.ts';
import { type Layout, repo } from './layout.ts';
import { replaceIn } from './substitute.ts';

/** Puts the rule in place. @throws when visudo finds a fault: a broken file in sudoers.d would break sudo itself. */
export async function installSudoRule(layout: Layout): Promise<void> {
  const shipped = readFileSync(join(repo, 'deploy/sudoers'), 'utf8');
  const text = replaceIn(shipped, {
    '%tmux-gate ALL': `%${layout.gatedGroup} ALL`,
    '/usr/lib/tmux-gate/gate': `${layout.lib}/gate`,
  });
  // sudo skips files with a dot in their name (sudoers(5)), so a draft beside the rule is never in force.
  const draft = `${layout.sudoRule}.draft`;
  writeExact(draft, `# ${layout.gecos}\n${text}`, 0o440);
  try {
    await must('visudo', ['-cf', draft]);
    renameSync(draft, layout.sudoRule);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes the rule if it is this sandbox's. @throws when the name is taken by another's file. */
export function removeSudoRule(layout: Layout): void {
  rmSync(`${layout.sudoRule}.draft`, { force: true });
  let text: string;
  try {
    text = readFileSync(layout.sudoRule, 'utf8');
  } catch {
    return;
  }
  if (!text.startsWith(`# ${layout.gecos}\n`)) throw new Error(`${layout.sudoRule} exists and is not ours`);
  rmSync(layout.sudoRule);
}
