import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseConfig } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';
import { formatDuration, parseDuration } from '../../../src/core/time.ts';
import { altered, options, problemsOf, smallest } from './sample.ts';

/** Parses; a ConfigError with problems is an answer too, anything else is not. */
function answer(text: string): 'accepted' | 'refused' {
  try {
    parseConfig(text, options);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof ConfigError) || error.problems.length === 0) throw error;
    return 'refused';
  }
}

const key = fc.oneof(
  fc.constantFrom('host', 'oidc', 'redis', 'sessions', 'notify', 'peers', 'sign_in', 'window', 'reason', 'login'),
  fc.constantFrom('__proto__', 'constructor', 'toString', '<<', ''),
  fc.string(),
);
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(key, tie('node'), { maxKeys: 6 }),
  ),
})).node;

describe('parseConfig throws nothing but ConfigError', () => {
  test('for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => answer(text) === 'refused'));
  });

  test('for any tree of values', () => {
    fc.assert(fc.property(tree, (value) => answer(stringify(value)) === 'refused'));
  });

  test('for any value under any top key', () => {
    const top = fc.constantFrom('redis', 'sign_in', 'request', 'notify', 'peers', 'service_account');
    fc.assert(
      fc.property(top, tree, (name, value) => {
        answer(`${smallest}${stringify({ [name]: value })}`);
      }),
    );
  });

  test('for a good policy with any piece put in', () => {
    const place = fc.nat({ max: smallest.length });
    fc.assert(
      fc.property(place, fc.string({ unit: 'binary', maxLength: 20 }), fc.nat({ max: 10 }), (at, piece, gap) => {
        answer(smallest.slice(0, at) + piece + smallest.slice(at + gap));
      }),
    );
  });
});

describe('what is accepted keeps the bounds', () => {
  test('windows: 10s <= default <= max <= 24h, and nothing else passes', () => {
    const seconds = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(seconds, seconds, (normal, max) => {
        const text = altered('{ default: 30m, max: 1h }', `{ default: ${normal}s, max: ${max}s }`);
        const inBounds = normal >= 10 && normal <= max && max <= 86_400;
        expect(answer(text)).toBe(inBounds ? 'accepted' : 'refused');
      }),
    );
  });

  test('any text as session name: only the pattern of law 9 passes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,33}$/)), (name) => {
        const text = altered('prod-db:', `${JSON.stringify(name)}:`);
        const allowed = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/.test(name) && !options.reservedNames.has(name);
        expect(answer(text)).toBe(allowed ? 'accepted' : 'refused');
      }),
    );
  });

  test('any text as run_as: never root, never a uid, never the service account', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('root', '0', 'tmux-gate', 'dba')), (name) => {
        const text = altered('dba', JSON.stringify(name));
        if (answer(text) === 'refused') return;
        expect(name).toMatch(/^[A-Za-z_]/);
        expect(['root', 'tmux-gate']).not.toContain(name);
      }),
    );
  });

  test('every problem of one duration names that duration', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        if (parseDuration(text) !== undefined) return;
        const [problem] = problemsOf(altered('max: 1h', `max: ${JSON.stringify(text)}`));
        expect(problem?.path).toBe('sessions.prod-db.window.max');
      }),
    );
    expect(formatDuration(86_400_000)).toBe('24h');
  });
});
