// The keeper is killed before every durable step of a rotation of keys: the next one starts with one key that signs, the one that the journal
// names last, and shows it to peers. Laws 7 and 8.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { layoutAt } from '../../../src/wire/layout.ts';
import { crashEverywhere, crashHost, type Crashes, type Transition } from '../../harness/crash.ts';
import { journal } from '../../harness/inside.ts';

let crashes: Crashes;
let host: Host;

beforeAll(async () => {
  crashes = await crashHost('tgkf');
  ({ host } = crashes);
}, 60_000);
afterAll(async () => crashes[Symbol.asyncDispose]());

interface Listed {
  readonly fingerprint: string;
  readonly use: string;
  readonly state: string;
}

async function current(): Promise<readonly string[]> {
  const { stdout } = await host.cli(['keys', 'list', '--json']);
  return (JSON.parse(stdout) as readonly Listed[])
    .filter(({ use, state }) => use === 'signing' && state === 'current')
    .map(({ fingerprint }) => fingerprint);
}
const named = (): unknown => journal(host.layout).findLast(({ event }) => event === 'key-rotated')?.['key'];

/** With the overlap of the policy, in which everybody stays in. */
const rotation: Transition<readonly string[]> = {
  name: 'keys rotate',
  prepare: current,
  act: async () => ({ done: (await host.cli(['keys', 'rotate'])).code === 0 }),
  check: async ([before = ''], { done }) => {
    const [signs = '', ...more] = await current();
    expect([more, signs]).toEqual([[], named() ?? before]);
    if (done === true) expect(signs).not.toBe(before);
    if (signs !== before) expect(readFileSync(`${layoutAt(host.root).keys}/host.pub.jwk`, 'utf8')).toContain(signs);
  },
};

test('a rotation of keys', async () => {
  const steps = await crashEverywhere(crashes, rotation);
  expect(steps.length).toBeGreaterThan(0);
}, 240_000);
