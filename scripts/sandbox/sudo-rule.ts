// The sudo rule of a sandbox: deploy/sudoers with names and paths replaced, so that the shipped rule is tested.
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './exec.ts';
import { writeExact } from './files.ts';
import { type Layout, repo } from './layout.ts';
import { replaceIn } from './substitute.ts';

/** Installs the rule. @throws Error when visudo finds a fault in it */
export async function installSudoRule(layout: Layout): Promise<void> {
  const shipped = readFileSync(join(repo, 'deploy/sudoers'), 'utf8');
  const text = replaceIn(shipped, {
    '%tmux-gate ALL': `%${layout.gatedGroup} ALL`,
    '/usr/lib/tmux-gate/gate': `${layout.lib}/gate`,
  });
  await place(layout, layout.sudoRule, text);
}

/** Adds a rule for the session account. @param allowed as in sudoers(5): `(root) NOPASSWD: /usr/bin/true` */
export async function allowSessionAccount(layout: Layout, allowed: string): Promise<void> {
  await place(layout, insideRule(layout), `${layout.sessionAccount} ALL=${allowed}\n`);
}

/** Adds rules for the benchmark: for a login that is measured beside the gate. @param text as in sudoers(5) */
export async function allowForBench(layout: Layout, text: string): Promise<void> {
  await place(layout, benchRule(layout), text);
}

const benchRule = (layout: Layout): string => `${layout.sudoRule}-bench`;
const insideRule = (layout: Layout): string => `${layout.sudoRule}-inside`;

/** Installs a file of rules. @throws Error when visudo finds a fault, since a broken file would break sudo itself */
async function place(layout: Layout, rule: string, text: string): Promise<void> {
  // sudo ignores files with a dot in their name (sudoers(5)), so the draft is never in force.
  const draft = `${rule}.draft`;
  writeExact(draft, `# ${layout.gecos}\n${text}`, 0o440);
  try {
    await must('visudo', ['-cf', draft]);
    renameSync(draft, rule);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes the rules of this sandbox. @throws Error when a file with such a name is not this sandbox's */
export function removeSudoRule(layout: Layout): void {
  for (const rule of [layout.sudoRule, insideRule(layout), benchRule(layout)]) removeOne(layout, rule);
}

function removeOne(layout: Layout, rule: string): void {
  rmSync(`${rule}.draft`, { force: true });
  let text: string;
  try {
    text = readFileSync(rule, 'utf8');
  } catch {
    return;
  }
  if (!text.startsWith(`# ${layout.gecos}\n`)) throw new Error(`${rule} exists and is not ours`);
  rmSync(rule);
}
