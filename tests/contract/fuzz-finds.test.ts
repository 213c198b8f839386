// The fuzzer is able to fail: it finds faults that are planted, makes them small, and leads back to them. The real thing runs
// with `npm run fuzz`.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe as tell, keep, table } from '../../scripts/fuzzing/report.ts';
import { run } from '../../scripts/fuzzing/run.ts';
import { bench, local, must, type Target } from '../../scripts/fuzzing/target.ts';
import { tokensBench, tokensTarget } from '../../scripts/fuzzing/tokens.ts';
import { openKeys, type Keys } from '../../src/adapters/keys.ts';
import { parseConfig } from '../../src/config/load.ts';
import { parseJson } from '../../src/core/shape.ts';

const seed = 42;
let folder = '';
let keys: Keys;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tmux-gate-finds-'));
  keys = await openKeys({ folder: join(folder, 'keys'), host: 'prod-box', peers: {} });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads the payload, and does not look at the signature. */
const believing: Keys['verify'] = async (jws, kind, shape) => {
  const [header = '', payload = ''] = jws.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  if (!header.includes(`"tmux-gate-${kind}+jws"`)) return Promise.resolve(undefined);
  const value = parseJson(payload, shape, 64 * 1024);
  return Promise.resolve(value === undefined ? undefined : { host: 'prod-box', value });
};

/** Everything is checked; the signature may be spelt in another way. */
const lenient: Keys['verify'] = async (jws, ...rest) => keys.verify(jws.trim(), ...rest);

describe('a planted fault is found', () => {
  test.each([
    ['a signature that nobody checks', believing],
    ['a token that may be spelt in two ways', lenient],
  ])('%s', async (_, verify) => {
    const target = local('planted', async () => tokensBench({ ...keys, verify }));
    const { failure } = await run(target, { seed, ms: 30_000 });
    expect(failure?.problem).toMatch(/^accepted: |something else than was signed/);
    const edits = failure?.input.match(/"kind":/g) ?? [];
    expect(edits.length).toBeLessThanOrEqual(1);
  });

  /** Gives way to every text with an x and a y. */
  const giving = (feed: (text: string) => Promise<void> | void, limits: { limitMs?: number } = {}): Target =>
    local('giving', () => bench({ inputs: fc.string({ maxLength: 30 }), feed, ...limits }));

  test('the smallest input is told, kept, and found again from its seed and path', async () => {
    const target = giving((text) => must(!(text.includes('x') && text.includes('y')), 'x and y'));
    const { failure } = await run(target, { seed, ms: 30_000 });
    expect(failure).toMatchObject({ problem: 'x and y', input: expect.stringMatching(/^"(?:xy|yx)"$/) });
    const again = await run(target, { seed, path: failure?.path, ms: 30_000 });
    expect(again.failure?.input).toBe(failure?.input);
    const file = keep(join(folder, 'kept'), 'giving', seed, failure!);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ target: 'giving', seed, input: failure?.input });
    expect(tell('giving', seed, failure!, file)).toContain(`--seed 42 --path ${String(failure?.path)}`);
    expect(table([again])).toMatch(/^giving .* 1$/m);
  });

  test('what never ends, and what throws', async () => {
    const never = new Promise<void>(() => undefined);
    const hangs = giving(async (text) => (text.length > 3 ? never : Promise.resolve()), { limitMs: 100 });
    expect((await run(hangs, { seed, ms: 5_000 })).failure?.problem).toBe('no end within 100 ms');
    const throws = giving((text) => {
      if (text.length > 3) JSON.parse('{');
    });
    expect((await run(throws, { seed, ms: 5_000 })).failure?.problem).toMatch(/SyntaxError/);
  });

  test('what shows only at the end', async () => {
    const finish = async (): Promise<void> => Promise.reject(new Error('a connection is left'));
    const target = local('late', () => bench({ inputs: fc.nat(), feed: () => undefined, finish }));
    expect((await run(target, { seed, ms: 50 })).failure?.problem).toMatch(/a connection is left/);
  });
});

test('nothing is found in the real verifier in a moment, and it was fed', async () => {
  const { failure, executions } = await run(tokensTarget, { seed, ms: 1_000 });
  expect({ failure, fed: executions > 10 }).toEqual({ failure: undefined, fed: true });
});

test('what was found stays repaired: a policy of many aliases is refused, and soon', () => {
  const text = `a: &a 1\nb: [${'*a,'.repeat(60_000)}]\n`;
  expect(() => parseConfig(text, { reservedNames: new Set() })).toThrow(/b\[200\]: There are more than 200 aliases/);
});
