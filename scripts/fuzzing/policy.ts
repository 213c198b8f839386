// Fuzzes the policy's file: hostile YAML gives nothing but ConfigError, in bounded time, with problems that are safe to print (law 9).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError, formatProblem } from '../../src/config/problem.ts';
import { parseConfig } from '../../src/config/load.ts';
import { reservedNames } from '../../src/wire/verbs.ts';
import { mutated } from './mutation.ts';
import { bench, local, must, type Target } from './target.ts';

const shipped = readFileSync(join(import.meta.dirname, '../../deploy/config.yaml.example'), 'utf8');
const plain = shipped
  .split('\n')
  .filter((row) => !/^\s*(?:#|$)/.test(row))
  .join('\n');
const laughs = [
  'a: &a [x, x, x]',
  ...'bcdefgh'.split('').map((name, n) => `${name}: &${name} [${`*${'abcdefg'.charAt(n)},`.repeat(9)}]`),
];
const samples = [
  shipped,
  plain,
  plain,
  `${plain}\n${laughs.join('\n')}\n`,
  `${plain}\na: &a 1\nb: [${'*a,'.repeat(12_000)}]\n`,
  plain.replace('who: [engineers]', 'who: &w [engineers]').replace('groups: [oncall]', 'groups: *w'),
  plain.replace('prod-db:', '"prod-db":').replace('30m', "'30m'"),
  '{host: prod-box, sessions: {a: {run_as: dba}}}',
  '? {a: b}\n: c\n',
];

/** The longest problem that is accepted, in characters. */
const longestProblem = 2_000;

function feed(text: string): void {
  try {
    const config = parseConfig(text, { reservedNames });
    must(Object.isFrozen(config), 'what was checked can be changed');
    must(isDeepStrictEqual(parseConfig(text, { reservedNames }), config), 'read again, it is another');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    must(error.problems.length > 0, 'refused without a problem');
    for (const problem of error.problems) {
      const told = formatProblem(problem);
      must(!/[\p{C}\p{Zl}\p{Zp}]/u.test(told), `a problem shows what cannot be seen: ${JSON.stringify(told)}`);
      must(told.length <= longestProblem, 'a problem is longer than anybody reads');
    }
  }
}

export const policyTarget: Target = local('config', () => bench({ inputs: mutated(samples, 6), feed }), 2);
