// However large or twisted a policy is, reading it ends (src/config/load.ts).
import { describe, expect, test } from '@jest/globals';
import { altered, problemsOf, smallest } from './sample.ts';

describe('it ends', () => {
  test('a file of more than 256 KiB', () => {
    expect(problemsOf(`${smallest}#${'x'.repeat(256 * 1024)}`)).toEqual([
      { path: '', problem: 'The file is larger than 256 KiB.' },
    ]);
  });

  test('aliases that double themselves', () => {
    const rows = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${i === 0 ? 'x' : `*a${i - 1}, *a${i - 1}`}]`);
    expect(problemsOf(rows.join('\n'))).toHaveLength(1);
  });

  test('a quarter of a megabyte of aliases: told once, with its place', () => {
    const text = `${smallest}extra: [&a x${', *a'.repeat(60_000)}]\n`;
    expect(Buffer.byteLength(text)).toBeGreaterThan(240_000);
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.path).toMatch(/^extra/);
    expect(problems[0]?.problem).toContain('more than 200 aliases');
  });

  test('an alias of itself', () => {
    expect(problemsOf(altered('[engineers]', '&a [*a]'))).not.toEqual([]);
  });

  test('a thousand unknown keys: a hundred are told, the rest is counted', () => {
    const problems = problemsOf(smallest + Array.from({ length: 1000 }, (_, i) => `k${i}: 1\n`).join(''));
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toEqual({ path: '', problem: 'There are 900 more problems.' });
  });

  test('a hundred thousand brackets', () => {
    const problems = problemsOf('['.repeat(100_000));
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThan(10);
  });
});
