// What can be typed is in docs/verbs.md and in help, and what documents show can be typed: verbs, each checked both ways.
import { describe, expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verbsDocument } from '../../scripts/docs/verbs.ts';
import { handlers } from '../../src/keeper/dispatch.ts';
import type { Conversation } from '../../src/keeper/conversation.ts';
import type { Context } from '../../src/keeper/context.ts';
import { help } from '../../src/keeper/verbs/about.ts';
import type { Visitor } from '../../src/keeper/identity/visitor.ts';
import type { Command } from '../../src/wire/grammar.ts';
import { hostCommandNames, isHostCommand, specOf, verbNames } from '../../src/wire/verbs.ts';
import { top } from './sources.ts';

const read = (path: string): string => readFileSync(join(top, path), 'utf8');
const readme = read('README.md');
const documents = ['README.md', ...globSync('docs/*.md', { cwd: top })];

/** The word behind each command line in the blocks of a document. */
function shownIn(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, block]) => block).join('');
  const typed = /^(?:\s*[a-z]+\$ )?(?:ssh (?:-t )?[a-z][a-z-]* |tmux-gate )([a-z-]+)/gm;
  return [...blocks.matchAll(typed)].map(([, word]) => word!);
}

/** What `help` prints, for root on the host or for a login. */
async function helpAs(local: boolean): Promise<string> {
  const said: string[] = [];
  const door = { out: (lines: readonly string[]) => said.push(...lines) } as unknown as Conversation;
  const command: Command = { verb: 'help', words: [], json: false };
  await help({ host: 'prod-box' } as Context, door, { local, hello: { tty: false } } as Visitor, command);
  // Folded to the width of a terminal, so compared without regard to where a line ends.
  return said.join('\n').replace(/\s+/g, ' ');
}

test('docs/verbs.md is what the code says (scripts/verbs-doc.ts --write)', () => {
  expect(read('docs/verbs.md')).toBe(verbsDocument());
});

describe('verbs', () => {
  test('each has a handler, and there is no handler of another', () => {
    expect(Object.keys(handlers).sort()).toEqual([...verbNames].sort());
  });

  test('help shows each with its usage and what it is for; those of root only to root', async () => {
    const [overSsh, onHost] = [await helpAs(false), await helpAs(true)];
    for (const verb of verbNames) {
      const { usage, summary, local } = specOf(verb);
      if (!isHostCommand(verb))
        expect(onHost).toContain(` ${verb === 'attach' ? 'ssh prod-box' : 'tmux-gate'} ${verb} ${usage}`.trimEnd());
      if (!isHostCommand(verb)) expect(onHost).toContain(summary);
      expect(overSsh.includes(`ssh prod-box ${verb}`)).toBe(local !== true);
    }
  });

  test('each is in docs/verbs.md with what it does, and so is each of the commands of the host', () => {
    const rows = read('docs/verbs.md').split('\n');
    for (const verb of verbNames)
      expect(rows.filter((row) => row.startsWith(`| \`${verb}\` | ${specOf(verb).summary} |`))).toHaveLength(1);
    for (const name of hostCommandNames)
      expect(rows.filter((row) => row.startsWith(`| \`tmux-gate ${name}`))).toHaveLength(1);
  });

  test('the README shows how to list them, and the documents show many', () => {
    expect(readme).toContain('ssh prod-box help');
    expect(documents.flatMap((path) => shownIn(read(path))).length).toBeGreaterThan(20);
  });

  test.each(documents)('%s shows none that does not exist', (path) => {
    const examples = ['prod-db', 'cat'];
    expect(
      shownIn(read(path)).filter((word) => ![...verbNames, ...hostCommandNames, ...examples].includes(word)),
    ).toEqual([]);
  });

  test.each(['attach', 'requests', 'approve', 'deny', 'revoke', 'connections', 'help'] as const)(
    '%s, which somebody on call needs, is in the README',
    (verb) => {
      expect(readme).toMatch(new RegExp(`(?:ssh (?:-t )?prod-box |\`)${verb}\\b`));
    },
  );
});
