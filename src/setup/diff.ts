// Shows planned changes: the difference of each file as `diff -u` has it, and the command of everything else.
//
// 1. The content of a secret is never shown, neither the old nor the new one (law 11).
// 2. Text of files is filtered line by line (law 9): a file that is there may hold anything.
import { commandLine, secretFile, sshdReload } from '../core/messages/setup.ts';
import type { Found } from '../core/setup-rules/change.ts';
import { sanitizeLine } from '../core/text.ts';
import type { Planned } from './perform.ts';
import { ask } from './tools.ts';

const longest = 500;

/** Lines that show what would be changed. @param sshd whether sshd would read its configuration again */
export async function shown(changes: readonly Planned[], sshd: boolean): Promise<readonly string[]> {
  const all: string[] = [];
  for (const planned of changes) all.push(...(await one(planned)));
  return sshd ? [...all, sshdReload] : all;
}

async function one({ change, after, command, isSecret = false }: Planned): Promise<readonly string[]> {
  if (command !== undefined) return [commandLine(command)];
  if (after?.kind !== 'file' || (change.do !== 'file' && change.do !== 'lines')) return [];
  const text = Buffer.from(after.bytes, 'base64').toString('utf8');
  if (isSecret) return [secretFile(change.path, text.trim().length)];
  return unified(change.path, change.before, text);
}

async function unified(path: string, before: Found, text: string): Promise<readonly string[]> {
  const isNew = before.kind === 'absent';
  const labels = ['--label', isNew ? '/dev/null' : `a${path}`, '--label', `b${path}`];
  const { out } = await ask('diff', ['-u', ...labels, isNew ? '/dev/null' : path, '-'], text);
  return out
    .trimEnd()
    .split('\n')
    .map((line) => sanitizeLine(line.replaceAll('\t', '        '), longest));
}
