// max_connections: refused before anybody is woken, and of two who come for the last place at once, one gets it.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { approve, comeBack, connections, journal, testHost } from '../harness/inside.ts';
import { expectRefused, plain, seenOn, type Expected } from '../harness/refused.ts';
import { servers } from '../harness/servers.ts';
import { endIt, requestAccess, letIn, putInOrder, says, shellPrompt, type Waiting } from '../harness/visits.ts';

let host: Host;
let alice: Person;
let carol: Person;
let bob: Person;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tga',
    people: { carol: ['engineers'] },
    config: ({ sessions, ...rest }) => {
      const one = { ...sessions['prod-db'], max_connections: 1, session_grace: '1s' };
      return {
        ...rest,
        sessions: {
          'prod-db': one,
          'prod-own': { ...one, kind: 'dedicated' },
          'prod-two': { ...one, max_connections: 2 },
        },
      };
    },
  });
  ({ alice, bob } = host.people);
  carol = host.people['carol'] ?? alice;
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  for (const { request } of journal(host.layout).filter(({ event }) => event === 'granted') as { request?: string }[])
    if (live(request ?? '')) await host.cli(['revoke', request ?? '']);
  await putInOrder(host);
  await eventually('all is over', () => servers(host.layout).length === 0);
});

const live = (request: string): boolean =>
  !journal(host.layout).some((record) => record.event === 'grant-ended' && record['request'] === request);

const requests = (): number => journal(host.layout).filter(({ event }) => event === 'requested').length;

const full = (session: string, most = 1): Expected => ({
  code: 'SESSION_FULL',
  says: `Session ${session} is full: ${String(most)} of at most ${String(most)} are attached.`,
  hint: 'try again once somebody has left; see: ssh prod-box sessions',
});

async function ended(terminal: Waiting['terminal']): Promise<void> {
  await terminal.exit;
  await eventually('the connection is over', () => connections(host.layout).length === 0);
}

test('one more is refused before a reason is asked, and nobody is woken; the same person counts as well', async () => {
  await letIn(host, carol, { session: 'prod-two' }).then(async (visit) => endIt(host, visit)); // carol is signed in
  const inside = await letIn(host, alice);
  const before = requests();
  for (const person of [carol, alice]) {
    const visit = async () => seenOn(person.ssh(['-t', 'prod-db']));
    await expectRefused(host, person, full('prod-db'), visit);
  }
  expect(requests()).toBe(before);
  expect(plain((await host.cli(['sessions'])).stdout)).toContain('1 of 1 attached');
  expect(await says(inside, 'echo undisturbed')).toBe('undisturbed');
  inside.terminal.type('tmux detach-client\r');
  await ended(inside.terminal);
  const again = await comeBack(host, alice);
  expect(await says(again, 'echo back')).toBe('back');
});

test('of two who are approved for the last place at once, one gets in; the other is told, and gets in after', async () => {
  const both = [
    { person: alice, ...(await requestAccess(alice)) },
    { person: carol, ...(await requestAccess(carol)) },
  ];
  await Promise.all(both.map(async ({ request }) => approve(bob, request)));
  const seen = await Promise.all(
    both.map(async ({ terminal }) => {
      const [what] = await terminal.until(new RegExp(`SESSION_FULL|${shellPrompt.source}`));
      return what;
    }),
  );
  expect(seen.filter((what) => what === 'SESSION_FULL')).toHaveLength(1);
  const [inside, outside] = seen[0] === 'SESSION_FULL' ? [both[1]!, both[0]!] : [both[0]!, both[1]!];
  expect(await outside.terminal.exit).toMatchObject({ code: 75 });
  expect(connections(host.layout).map(({ who }) => who.login)).toEqual([inside.person.login]);
  expect(await says(inside, 'echo in; tmux list-clients | wc -l')).toBe('in 1');
  inside.terminal.type('tmux detach-client\r');
  await ended(inside.terminal);
  const next = await comeBack(host, outside.person);
  expect(await says(next, 'echo in')).toBe('in');
});

test('a session for two takes two, and not three', async () => {
  await letIn(host, alice, { session: 'prod-two' });
  await letIn(host, carol, { session: 'prod-two' });
  await expectRefused(host, alice, full('prod-two', 2), async () => seenOn(alice.ssh(['-t', 'prod-two'])));
});

test('in a dedicated session each person has places of their own', async () => {
  await letIn(host, alice, { session: 'prod-own' });
  const other = await letIn(host, carol, { session: 'prod-own' });
  expect(await says(other, 'echo in')).toBe('in');
  await expectRefused(host, alice, full('prod-own'), async () => seenOn(alice.ssh(['-t', 'prod-own'])));
});

test('the next keeper counts those whom it takes over', async () => {
  const inside = await letIn(host, alice);
  await host.keeper.stop();
  await host.keeper.start();
  await expectRefused(host, alice, full('prod-db'), async () => seenOn(alice.ssh(['-t', 'prod-db'])));
  expect(await says(inside, 'echo still')).toBe('still');
});
