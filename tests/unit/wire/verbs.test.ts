import { expect, test } from '@jest/globals';
import { isSessionName } from '../../../src/core/ids.ts';
import { parseCommand } from '../../../src/wire/grammar.ts';
import { isVerb, reservedNames, specOf, verbNames } from '../../../src/wire/verbs.ts';

test.each(verbNames)('%s: its usage shows exactly the flags that it takes', (verb) => {
  const { usage, flags, words, summary } = specOf(verb);
  expect([...usage.matchAll(/--([a-z-]+)/g)].map(([, flag]) => flag).sort()).toEqual([...flags].sort());
  expect(words[0]).toBeLessThanOrEqual(words[1]);
  expect(summary).not.toBe('');
});

test('no verb can be the name of a session, so a name alone always attaches', () => {
  for (const verb of verbNames) expect(reservedNames.has(verb)).toBe(true);
  for (const name of reservedNames) expect(isSessionName(name)).toBe(true);
});

test('a word of the prototype is no verb', () => {
  for (const word of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    expect(isVerb(word)).toBe(false);
    expect(parseCommand(`approve ${word}`)).toMatchObject({ command: { verb: 'approve' } });
  }
});
