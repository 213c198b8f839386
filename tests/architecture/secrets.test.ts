// Law 11: no secret is ever in a message, a log or a command line. What can be proved from the sources is proved here; what
// runs is proved where tokens really pass (tests/e2e).
import { describe, expect, test } from '@jest/globals';
import { refusals } from '../../src/core/refusals.ts';
import { sources } from './sources.ts';

/** Places that a refusal may have: our own ids and names, and what the person themselves typed. */
const places = new Set([
  'claim', // who signed in, as the provider names them
  'meant',
  ...[
    'host',
    'login',
    'home',
    'session',
    'account',
    'groups',
    'request',
    'grant',
    'connection',
    'what',
    'state',
    'max',
    'less',
    'attached',
    'by',
    'until',
    'period',
  ],
  ...['word', 'problem', 'reason', 'hint'],
]);
const secretWords = /token|secret|password|passphrase|bearer|cookie|jws|jwt|credential|refresh|private/i;

describe('law 11: refusals', () => {
  test.each(Object.entries(refusals))('%s has no place that could hold a secret', (_, { say, hint }) => {
    const named = [...`${say} ${hint}`.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
    expect(named.filter((name) => !places.has(name))).toEqual([]);
    expect(named.filter((name) => secretWords.test(name))).toEqual([]);
  });

  test('every place on the list is used, so that the list stays short', () => {
    const text = JSON.stringify(refusals);
    for (const place of places) expect({ place, used: text.includes(`{${place}}`) }).toEqual({ place, used: true });
  });

  test('nobody hands a refusal a name like that of a secret', () => {
    const handed = sources('src/**/*.ts').flatMap(({ path, text }) =>
      [...text.matchAll(/new Refused\('[A-Z_]+', \{([^}]*)\}/g)].map(([, names = '']) => ({ path, names })),
    );
    expect(handed.length).toBeGreaterThan(20);
    expect(handed.filter(({ names }) => secretWords.test(names))).toEqual([]);
  });
});

describe('law 11: what the keeper says, writes and logs', () => {
  const calls = sources('src/{keeper,adapters}/**/*.ts').flatMap(({ path, text }) =>
    [...text.matchAll(/(?:log\.\w+|journal\.write|notifier\.send|door\.(?:out|note))\(([^;]*?)\);/gs)].map(
      ([, given = '']) => ({
        path,
        given: given.replace(/'[^']*'/g, "''"),
      }),
    ),
  );

  test('names no secret', () => {
    expect(calls.length).toBeGreaterThan(20);
    expect(calls.filter(({ given }) => secretWords.test(given))).toEqual([]);
  });
});

test('law 11: no program is handed a secret by argument or environment', () => {
  const wrong = sources('src/**/*.ts')
    .filter(({ text }) => /process\.env\[?\W*\w*(?:SECRET|TOKEN|PASSWORD)/i.test(text))
    .map(({ path }) => path);
  expect(wrong).toEqual([]);
});
