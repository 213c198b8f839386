// A reason against its pattern: exact, and in time that is linear in its length.
import { expect, test } from '@jest/globals';
import { fits, patternProblem } from '../../src/config/pattern.ts';
import { reasonLimit } from '../../src/core/policy.ts';

const ticket = '^(INC|CHG)-[0-9]+ ';

test('what fits fits, what does not does not, and a pattern that is none fits nothing', () => {
  expect(fits(ticket, 'INC-1 look')).toBe(true);
  expect(fits(ticket, 'look')).toBe(false);
  expect(fits('(', 'look')).toBe(false);
});

/** The least that it takes, of several times: milliseconds of this process, whatever else the host does. */
function cost(pattern: string, text: string): number {
  return Math.min(
    ...Array.from({ length: 5 }, () => {
      const began = process.cpuUsage();
      expect(fits(pattern, text)).toBe(false);
      return process.cpuUsage(began).user / 1_000;
    }),
  );
}

test.each(['(a+)+$', '^(\\w+ ?)+$', '^(a|aa)+$', '^(.*)*x$'])(
  '%s, which makes others backtrack without end, takes a hundred times as long for a text a hundred times as long, and not more',
  (pattern) => {
    const [short, long] = [1_000, 100_000].map((length) => cost(pattern, `${'a'.repeat(length)}!`)) as [number, number];
    expect(long).toBeLessThan(Math.max(short, 1) * 300);
  },
);

test('characters are code points, and letters those of Unicode', () => {
  expect(fits('^.$', '\u{1F512}')).toBe(true);
  expect(fits('^\\p{L}+$', 'Größe')).toBe(true);
  expect(fits('^\\w+$', 'Größe')).toBe(false);
});

test.each([
  ['(?=a)b', /looks ahead or behind or refers back/],
  ['(?!a)b', /looks ahead or behind or refers back/],
  ['(?<=a)b', /looks ahead or behind or refers back/],
  ['(?<!a)b', /looks ahead or behind or refers back/],
  ['(a)\\1', /looks ahead or behind or refers back/],
  ['(?<a>a)\\k<a>', /looks ahead or behind or refers back/],
  ['(', /not a regular expression of RE2 \(".*missing closing/],
  ['\\u00e4', /not a regular expression of RE2/],
  ['(((x?){10}){10}){10}', /too large once its repetitions are written out/],
])('a policy with the pattern %s is told why not', (pattern, why) => {
  expect(patternProblem(pattern)).toMatch(why);
});

test('the largest pattern that is taken keeps nobody waiting over the longest reason', () => {
  const large = '^(((x?){10}){9}){5}$';
  expect(patternProblem(large)).toBeUndefined();
  expect(cost(large, `${'x'.repeat(reasonLimit - 1)}y`)).toBeLessThan(2_000);
});
