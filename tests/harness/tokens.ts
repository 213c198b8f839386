// Sign-ins at a provider that issues wrong tokens, several at once.
import { expect } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Tamper } from '../../scripts/sandbox/provider-messages.ts';
import { journal } from './inside.ts';
import { redis } from './store-under-test.ts';
import { named, outcomeOf } from './outcome.ts';

/** How many sign-ins of one login may wait at the same time. */
const mostAtOnce = 4;

/** Gives each wrong token to a sign-in of its own, and expects that all are refused. */
export async function expectNobodySignsIn(host: Host, wrong: readonly Tamper[]): Promise<void> {
  const carol = named(host, 'carol');
  await forgetSignIns(host);
  const signIns = (): number => journal(host.layout).filter(({ event }) => event === 'sign-in').length;
  const before = signIns();
  const outcomes: string[] = [];
  for (let at = 0; at < wrong.length; at += mostAtOnce) {
    const some = wrong.slice(at, at + mostAtOnce);
    await host.provider.tamperNext(some);
    outcomes.push(...(await Promise.all(some.map(async () => outcomeOf(carol)))));
  }
  await host.provider.tamperNext([]);
  expect(outcomes).toEqual(wrong.map(() => 'TOKEN_REFUSED'));
  expect(signIns()).toBe(before);
  expect((await carol.run(['whoami'])).stdout).toMatch(/^Identity +not signed in$/m);
}

/** Removes all remembered sign-ins, so that the next visit has to sign in. */
export async function forgetSignIns({ layout }: Host): Promise<void> {
  const keys = (await redis(layout, '--scan', '--pattern', '{tmux-gate}:sign-in:*')).split('\n').filter(Boolean);
  if (keys.length > 0) await redis(layout, 'del', ...keys);
}
