// The keeper is killed before every durable step of everything that takes access away: nobody stays in, each end is written down once,
// and whoever may stay is in.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../../scripts/sandbox/host.ts';
import {
  crashEverywhere,
  crashHost,
  type Crashes,
  type Inside,
  type Told,
  type Transition,
} from '../../harness/crash.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { connections, journal } from '../../harness/inside.ts';
import { letIn, say } from '../../harness/visits.ts';

let crashes: Crashes;
let host: Host;

beforeAll(async () => {
  crashes = await crashHost('tgu');
  ({ host } = crashes);
}, 60_000);
afterAll(async () => crashes[Symbol.asyncDispose]());

const records = (event: string, session: string): number =>
  journal(host.layout).filter((record) => record.event === event && record['session'] === session).length;
const attached = ({ person }: Inside): boolean =>
  connections(host.layout).some(({ who }) => who.login === person.login);

/** Does it, and waits until the session has gone with its last grant. */
async function untilEnded({ session }: Inside, act: () => Promise<number | null>): Promise<Told> {
  const before = records('session-ended', session);
  const code = await act();
  await eventually('the session has ended', () => records('session-ended', session) > before);
  return { done: code === 0 };
}

/** Who was told that it is done can rely on it; what was not done is as it was, and can be done again. */
async function expectDone(ready: Inside, { done }: Told): Promise<void> {
  if (done === true) expect(attached(ready)).toBe(false);
  if (attached(ready)) expect(await host.cli(['revoke', ready.request])).toMatchObject({ code: 0 });
  await ready.terminal.exit;
}

const locks = async (): Promise<readonly unknown[]> =>
  JSON.parse((await host.cli(['locks', '--json'])).stdout) as unknown[];

const ends: readonly Transition<Inside>[] = [
  {
    name: 'revoke',
    prepare: async () => crashes.inside(),
    act: async (ready) => untilEnded(ready, async () => (await host.cli(['revoke', ready.request])).code),
    check: expectDone,
  },
  {
    name: 'give back',
    prepare: async () => crashes.inside(),
    act: async (ready) => untilEnded(ready, async () => (await say(ready.person, ['give-back'])).code),
    check: expectDone,
  },
  {
    name: 'the end of a window, of its connection and of its session',
    prepare: async () => {
      const [person, session] = [host.people.alice, 'prod-db'];
      return { person, session, ...(await letIn(host, person, { window: '6s' })) };
    },
    act: async (ready) => untilEnded(ready, async () => (await ready.terminal.exit).code),
    check: async (ready) => {
      await ready.terminal.exit;
      await eventually('it is gone', () => !attached(ready));
    },
  },
  {
    name: 'the end of a connection whose grant goes on',
    prepare: async () => crashes.inside(),
    act: async ({ terminal, session }) => {
      const before = records('disconnected', session);
      terminal.kill('SIGKILL');
      await eventually('it is written down', () => records('disconnected', session) > before);
      return {};
    },
    check: async (ready) => {
      await ready.terminal.exit;
      await eventually('it is gone', () => !attached(ready));
      expect(await host.cli(['revoke', ready.request])).toMatchObject({ code: 0 });
    },
  },
  {
    name: 'lock',
    prepare: async () => crashes.inside(),
    act: async (ready) =>
      untilEnded(ready, async () => (await host.cli(['lock', ready.person.login, '--reason', 'laptop'])).code),
    check: async (ready, told) => {
      if (told.done === true) expect(await locks()).toHaveLength(1);
      if ((await locks()).length > 0) {
        await eventually('who is locked is out', () => !attached(ready));
        expect(await host.cli(['unlock', ready.person.login])).toMatchObject({ code: 0 });
      }
      await expectDone(ready, told);
    },
  },
];

test.each(ends)(
  '$name: dead before every step',
  async (transition) => {
    const steps = await crashEverywhere(crashes, transition);
    expect(steps.length).toBeGreaterThan(0);
  },
  600_000,
);

test('unlock: dead before every step, those of the journal itself included', async () => {
  const { login } = host.people.alice;
  const steps = await crashEverywhere(crashes, {
    name: 'unlock',
    all: true,
    prepare: async () => {
      expect(await host.cli(['lock', login, '--reason', 'laptop'])).toMatchObject({ code: 0 });
    },
    act: async () => ({ done: (await host.cli(['unlock', login])).code === 0 }),
    check: async (_, { done }) => {
      if (done === true) expect(await locks()).toEqual([]);
      if ((await locks()).length > 0) expect(await host.cli(['unlock', login])).toMatchObject({ code: 0 });
    },
  });
  expect(steps.length).toBeGreaterThan(0);
}, 600_000);
