// Help, and the nearest command to a mistyped one, over ssh and on the host.
import { describe, expect, test } from '@jest/globals';
import { Refused } from '../../../src/core/refusal.ts';
import { helpLines } from '../../../src/wire/help.ts';
import { mistyped } from '../../../src/wire/mistyped.ts';
import { hostCommandNames, hostCommands, isHostCommand, specOf, verbNames } from '../../../src/wire/verbs.ts';
import { widthOf } from '../../../src/wire/width.ts';

const [away, here] = [
  { host: 'prod-box', local: false },
  { host: 'prod-box', local: true },
];

const refusal = (ask: () => unknown): unknown => {
  try {
    return ask();
  } catch (error) {
    return error instanceof Refused ? error.code : error;
  }
};

describe('help', () => {
  test('over ssh shows what can be typed there, and nothing of the host', () => {
    const text = helpLines(away, undefined).join('\n');
    for (const verb of verbNames.filter((name) => name !== 'attach'))
      expect(text.includes(`ssh prod-box ${verb}`)).toBe(specOf(verb).local !== true);
    for (const name of hostCommandNames) expect(text).not.toContain(`tmux-gate ${name}`);
  });

  test('on the host shows everything, as root types it', () => {
    const text = helpLines(here, undefined).join('\n');
    for (const verb of verbNames.filter((name) => name !== 'attach')) expect(text).toContain(`  tmux-gate ${verb}`);
    for (const name of hostCommandNames) expect(text).toContain(`  tmux-gate ${name}`);
    expect(text).toContain('  ssh -t prod-box\n');
  });

  test('of one verb shows that verb', () => {
    expect(helpLines(away, 'approve').join('\n')).toContain('  ssh prod-box approve ');
    expect(helpLines(here, 'approve').join('\n')).not.toContain('deny');
  });

  test.each([40, 80, 132])('is folded to %d columns, and loses nothing by it', (columns) => {
    const lines = helpLines(here, undefined, columns);
    expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
    const bare = (text: string): string => text.replace(/\s+/g, '');
    const shown = [
      ...verbNames.filter((verb) => !isHostCommand(verb)).map((verb) => specOf(verb)),
      ...hostCommandNames.map((name) => hostCommands[name]),
    ];
    for (const { usage, summary } of shown) expect(bare(lines.join(''))).toContain(bare(usage + summary));
  });

  test('is folded to 80 columns where no width is known, and to 40 in a narrower terminal', () => {
    expect(helpLines(here, undefined)).toEqual(helpLines(here, undefined, 80));
    expect(helpLines(here, undefined, 12)).toEqual(helpLines(here, undefined, 40));
  });

  test('keeps an option and its value on one line, where they fit on one', () => {
    expect(helpLines(here, 'approve', 52).slice(3, 7)).toEqual([
      '  tmux-gate approve ID [ID ...] [--for 20m]',
      '          [--reason ...]',
      '      approve requests, with a sign-in of your own',
      '',
    ]);
  });

  test.each([
    [away, 'aprove', 'UNKNOWN_VERB'],
    [away, 'doctor', 'LOCAL_ONLY'],
    [away, 'xyzzy', 'BAD_COMMAND'],
    [here, 'docter', 'UNKNOWN_VERB'],
    [here, 'xyzzy', 'BAD_COMMAND'],
  ])('for %j of "%s" is refused with %s', (reader, word, code) => {
    expect(refusal(() => helpLines(reader, word))).toBe(code);
  });
});

test('a word that was not typed is nothing mistyped', () => {
  expect(mistyped(away, undefined)).toBeUndefined();
});
