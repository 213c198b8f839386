// Two hosts, one Redis: another key signs for one of them, in the order of docs/operations.md ("Rotate").
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { copyFileSync } from 'node:fs';
import type { Host } from '../../scripts/sandbox/host.ts';
import { openFleetOnRedis, say } from '../harness/fleet.ts';
import { rootRuns } from '../harness/inside.ts';
import { requestAccess, says, shellPrompt, type Waiting } from '../harness/visits.ts';

let near: Host;
let far: Host;
const made = new AsyncDisposableStack();

beforeAll(async () => {
  ({ near, far } = made.use(await openFleetOnRedis(['tgx', 'tgy'])));
}, 60_000);
afterAll(async () => made.disposeAsync(), 60_000);

interface Listed {
  readonly host: string;
  readonly use: string;
  readonly until?: string;
}

/** When each key of the near host ends, as the far one knows; undefined: not yet. */
async function ends(): Promise<readonly (string | undefined)[]> {
  const all = JSON.parse(await rootRuns(far, 'keys', 'list', '--json')) as readonly Listed[];
  return all.filter(({ host, use }) => host === 'box-near' && use === 'signing').map(({ until }) => until);
}

/** Root of the far host copies what the near one publishes, and has it taken. */
async function hand(): Promise<void> {
  copyFileSync(`${near.root}/var/lib/tmux-gate/keys/host.pub.jwk`, `${far.root}/etc/tmux-gate/box-near.jwk`);
  await rootRuns(far, 'reload');
}

const approvedAtFar = async (request: string): ReturnType<typeof say> =>
  say(far.people.bob, ['approve', request], near.people.bob);

/** Approved at the far host, a request of the near one opens. */
async function opens({ terminal, request }: Waiting): Promise<void> {
  expect((await approvedAtFar(request)).text).toContain('was sent to box-near, which decides.');
  await terminal.until(shellPrompt);
}

test('the other host takes both keys once it was given them; who is attached stays, and what was asked before is approved after it', async () => {
  const { alice } = near.people;
  const before = await requestAccess(alice);
  await rootRuns(near, 'keys', 'rotate', '--prepare');
  await hand();
  expect((await ends()).toSorted()).toEqual([undefined, undefined]);
  await rootRuns(near, 'keys', 'rotate', '--reason', 'yearly rotation');

  await opens(before); // signed by the key of before
  await hand();
  expect((await ends()).toSorted()).toEqual([expect.any(String), undefined]); // sorted, what is undefined comes last
  expect(await says(before, 'echo still here')).toBe('still here');

  await rootRuns(near, 'revoke', before.request);
  await before.terminal.exit;
  const after = await requestAccess(alice);
  await opens(after); // signed by the new one
  const revoked = await say(far.people.bob, ['revoke', after.request], near.people.bob);
  expect(revoked.stdout).toMatch(/box-near: confirmed/);
  expect((await after.terminal.exit).code).toBe(77);
}, 120_000);

test('a key that the other host was not given is none: it sees no request by it, until it is given', async () => {
  await rootRuns(near, 'keys', 'rotate', '--prepare');
  await rootRuns(near, 'keys', 'rotate', '--leaked', '--reason', 'INC-7'); // does not wait for peers
  const asked = await requestAccess(near.people.alice);
  const unknown = await approvedAtFar(asked.request);
  expect([unknown.code, unknown.text]).toEqual([77, expect.stringMatching(/\[(?:REQUEST_FORGED|NO_SUCH_REQUEST)\]/)]);
  await hand();
  await opens(asked);
  await rootRuns(near, 'revoke', asked.request);
  await asked.terminal.exit;
}, 120_000);
