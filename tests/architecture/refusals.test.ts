// What a person can meet is in the README, and what is in the README exists: refusal codes and verbs, each checked both ways.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusals } from '../../src/core/refusals.ts';
import { handlers } from '../../src/keeper/dispatch.ts';
import type { Conversation } from '../../src/keeper/conversation.ts';
import type { Context } from '../../src/keeper/context.ts';
import { help } from '../../src/keeper/verbs/about.ts';
import type { Visitor } from '../../src/keeper/identity/visitor.ts';
import type { Command } from '../../src/wire/grammar.ts';
import { deskNames, specOf, verbNames } from '../../src/wire/verbs.ts';
import { sources, top } from './sources.ts';

let readme = '';
beforeAll(() => {
  readme = readFileSync(join(top, 'README.md'), 'utf8');
});

/** The rows of the table under a heading, cell by cell. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const [, after = ''] = readme.split(new RegExp(`^## ${heading}$`, 'm'));
  const [section = ''] = after.split(/^## /m);
  const rows = section.split('\n').filter((text) => text.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('refusal codes', () => {
  test('each is in the README with its exit code and its meaning, and the README knows no other', () => {
    const rows = tableUnder('Refusal codes');
    const told = Object.fromEntries(rows.map(([code = '', exit]) => [code.replaceAll('`', ''), Number(exit)]));
    expect(told).toEqual(Object.fromEntries(Object.entries(refusals).map(([code, { exit }]) => [code, exit])));
    for (const [code = '', , meaning = ''] of rows)
      expect({ code, said: meaning.length > 10 }).toEqual({ code, said: true });
  });

  test('each can be met: some code refuses with it', () => {
    const text = sources('src/**/*.ts')
      .filter(({ path }) => !path.startsWith('src/core/refusals'))
      .map((source) => source.text)
      .join('\n');
    const unmet = Object.keys(refusals).filter((code) => !text.includes(`'${code}'`));
    expect(unmet).toEqual([]);
  });
});

/** What `help` prints, for root on the host or for a login. */
async function helpAs(local: boolean): Promise<string> {
  const said: string[] = [];
  const door = { out: (lines: readonly string[]) => said.push(...lines) } as unknown as Conversation;
  const command: Command = { verb: 'help', words: [], json: false };
  await help({ host: 'prod-box' } as Context, door, { local } as Visitor, command);
  return said.join('\n');
}

describe('verbs', () => {
  test('each has a handler, and there is no handler of another', () => {
    expect(Object.keys(handlers).sort()).toEqual([...verbNames].sort());
  });

  test('help shows each with its usage and what it is for; those of root only to root', async () => {
    const [overSsh, onHost] = [await helpAs(false), await helpAs(true)];
    for (const verb of verbNames) {
      const { usage, summary, local } = specOf(verb);
      expect(onHost).toContain(`  ${verb === 'attach' ? 'ssh prod-box' : 'tmux-gate'} ${verb} ${usage}`.trimEnd());
      expect(onHost).toContain(summary);
      expect(overSsh.includes(`ssh prod-box ${verb}`)).toBe(local !== true);
    }
  });

  test('the README shows how to list them, and shows none that does not exist', () => {
    expect(readme).toContain('ssh prod-box help');
    const shown = [...readme.matchAll(/^(?:\s*[a-z]+\$ )?(?:ssh (?:-t )?[a-z-]+|tmux-gate) ([a-z-]+)/gm)].map(
      ([, word]) => word!,
    );
    expect(shown.length).toBeGreaterThan(10);
    const examples = ['prod-db', 'cat'];
    expect(shown.filter((word) => ![...verbNames, ...deskNames, ...examples].includes(word))).toEqual([]);
  });

  test.each(['attach', 'requests', 'approve', 'deny', 'revoke', 'connections', 'help'] as const)(
    '%s, which somebody on call needs, is in the README',
    (verb) => {
      expect(readme).toMatch(new RegExp(`(?:ssh (?:-t )?prod-box |\`)${verb}\\b`));
    },
  );
});
