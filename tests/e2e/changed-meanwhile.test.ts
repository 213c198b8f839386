// Every verb that waits for a person: what changes while they sign in, or type, is not acted on as if it had not.
//
// 1. Each verb is in both tables; one that is not there does not compile. A string says why nothing can change under it.
// 2. What is said is CHANGED_MEANWHILE, or what the verb says of the thing as it is now, which tells more.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import type { VerbName } from '../../src/wire/verbs.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { approve, connections, journal, rootRuns, testHost } from '../harness/inside.ts';
import { plain, seenOn, type Seen } from '../harness/refused.ts';
import { requestAccess, letIn, say, shellPrompt, signInWhenAsked } from '../harness/visits.ts';

let host: Host, alice: Person, bob: Person, erin: Person;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tga',
    people: { erin: ['oncall'] },
    config: ({ sessions, ...rest }) => ({ ...rest, sessions: { ...sessions, 'prod-other': sessions['prod-db'] } }),
  });
  ({ alice, bob, erin = bob } = host.people);
});
afterAll(async () => host[Symbol.asyncDispose]());
/** A lock ends all that somebody has and asked for, and forgets that they signed in. */
afterEach(async () => {
  for (const { login } of [alice, bob, erin]) {
    await root('lock', login, '--reason', 'the test is over');
    await root('unlock', login);
  }
});

const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;

const root = async (...words: readonly string[]): Promise<string> => rootRuns(host, ...words);

const records = (event: string, key: string, value: unknown): number =>
  journal(host.layout).filter((record) => record.event === event && record[key] === value).length;

/** The verb shows what it shows and waits for a sign-in, which comes after the change. */
async function duringSignIn(person: Person, words: readonly string[], change: () => Promise<unknown>): Promise<Seen> {
  const terminal = person.ssh(words, { tty: words[0] === '-t' });
  const [url] = await terminal.until(link);
  await change();
  await completeSignIn(url, person.account);
  return seenOn(terminal);
}

/** The same of something that the person types. */
async function atPrompt(words: readonly string[], prompt: RegExp, change: () => Promise<string>): Promise<Seen> {
  const terminal = alice.ssh(['-t', ...words]);
  void signInWhenAsked(terminal, alice);
  await terminal.until(prompt);
  terminal.type(`${await change()}\r`);
  return seenOn(terminal);
}

const reason = /Reason[^\n]*: $/;
async function broken(code: string): Promise<void> {
  const terminal = alice.ssh(['-t', 'break-glass', 'prod-db', '--reason', 'INC-9 all is down']);
  await terminal.until('Break-glass code:');
  terminal.type(`${code}\r`);
  await terminal.until(shellPrompt);
  await root('revoke', connections(host.layout)[0]?.grant ?? '');
  await terminal.exit;
}

const issue = async (): Promise<string> => (await root('break-glass', 'issue', '1')).trim();
const lockAlice = async (): Promise<unknown> => root('lock', alice.login, '--reason', 'laptop stolen');

interface Row {
  readonly change: string;
  /** What is said; a code is in brackets. */
  readonly says: string;
  readonly act: () => Promise<Seen>;
  /** What holds then. */
  readonly check?: () => unknown;
}

let request = '';
const approveRows: readonly Row[] = [
  {
    change: 'its request is withdrawn',
    says: '[REQUEST_OVER]',
    act: async () => {
      const waiting = await requestAccess(alice);
      ({ request } = waiting);
      return duringSignIn(bob, ['approve', request], async () => {
        waiting.terminal.type('q');
        await waiting.terminal.exit;
        await eventually('it is withdrawn', () => records('withdrawn', 'request', request) === 1);
      });
    },
    check: () => expect(records('reviewed', 'request', request)).toBe(0),
  },
  {
    change: 'somebody else denies it',
    says: '[REQUEST_OVER]',
    act: async () => {
      ({ request } = await requestAccess(alice));
      return duringSignIn(bob, ['approve', request, '--for', '2m'], async () =>
        say(erin, ['deny', request, '--reason', 'no']),
      );
    },
    check: () => expect(records('granted', 'request', request)).toBe(0),
  },
];

const extendRows: readonly Row[] = [
  {
    change: 'the grant ends during the sign-in',
    says: '[NO_SUCH_GRANT]',
    act: async () => {
      const inside = await letIn(host, alice);
      await root('unpin', alice.login);
      const words = ['extend', '5m', '--reason', 'INC-1 more'];
      return duringSignIn(alice, words, async () => root('revoke', inside.request));
    },
  },
  {
    change: 'the grant ends while the reason is typed: nobody is woken',
    says: '[EXTENSION_LATE]',
    act: async () => {
      ({ request } = await letIn(host, alice));
      return atPrompt(['extend', '5m'], reason, async () => root('revoke', request).then(() => 'INC-77 too late'));
    },
    check: () => expect(records('requested', 'reason', 'INC-77 too late')).toBe(0),
  },
];

const giveBackRows: readonly Row[] = [
  {
    change: 'the one grant ends, and one for another session begins',
    says: '[CHANGED_MEANWHILE]',
    act: async () => {
      const first = await letIn(host, alice);
      const second = await requestAccess(alice, { session: 'prod-other' });
      ({ request } = second);
      await root('unpin', alice.login);
      return duringSignIn(alice, ['give-back'], async () => {
        await root('revoke', first.request);
        await approve(bob, request);
        await second.terminal.until(shellPrompt);
      });
    },
    check: async () => expect(await root('grants', '--json')).toContain(request),
  },
];

const glassRows: readonly Row[] = [
  {
    change: 'review: somebody else looked at the use',
    says: '[CHANGED_MEANWHILE]',
    act: async () => {
      await broken(await issue());
      const review = ['break-glass', 'review', '--reason', 'looked'];
      return duringSignIn(bob, review, async () => root(...review));
    },
  },
  {
    change: 'the login is locked while the code is typed: the code is not used up',
    says: '[LOCKED]',
    act: async () =>
      atPrompt(['break-glass', 'prod-db', '--reason', 'INC-9 all is down'], /code: $/, async () => {
        const code = await issue();
        await lockAlice();
        return code;
      }),
    check: async () =>
      expect(JSON.parse(await root('break-glass', 'list', '--json'))).toMatchObject({
        codes: expect.arrayContaining([expect.objectContaining({ state: 'open' })]),
        unreviewed: null,
      }),
  },
];

const atOnce = 'it waits for nobody';
const shows = 'it shows what there is once they have signed in, and does nothing';

/** Rule 1. */
const changes: Readonly<Record<VerbName, readonly Row[] | string>> = {
  attach: [
    {
      change: 'the login is locked while the reason is typed: nobody is woken',
      says: '[LOCKED]',
      act: async () => atPrompt(['prod-db', '--for 5m'], reason, async () => lockAlice().then(() => 'INC-78 too late')),
      check: () => expect(records('requested', 'reason', 'INC-78 too late')).toBe(0),
    },
  ],
  approve: approveRows,
  deny: [
    {
      change: 'somebody else approves: harmless, for it says that nothing came of the denial',
      says: 'was answered or withdrawn before.',
      act: async () => {
        ({ request } = await requestAccess(alice));
        return duringSignIn(bob, ['deny', request, '--reason', 'no'], async () => approve(erin, request));
      },
      check: () => expect(records('denied', 'request', request)).toBe(0),
    },
  ],
  revoke: [
    {
      change: 'the grant that it names ends',
      says: '[NO_SUCH_GRANT]',
      act: async () => {
        ({ request } = await letIn(host, alice, {}, erin));
        return duringSignIn(bob, ['revoke', request], async () => root('revoke', request));
      },
    },
  ],
  extend: extendRows,
  'give-back': giveBackRows,
  'break-glass': glassRows,
  lock: [
    {
      change: 'somebody else locks the same login: harmless, for it stays locked',
      says: 'Locked',
      act: async () => duringSignIn(bob, ['lock', alice.login, '--reason', 'twice'], lockAlice),
      check: async () => expect(await root('locks', '--json')).toContain('"twice"'),
    },
  ],
  unlock: [
    {
      change: 'the lock that it lifts is lifted, and another one begins',
      says: '[CHANGED_MEANWHILE]',
      act: async () => {
        await lockAlice();
        return duringSignIn(bob, ['unlock', alice.login], async () => {
          await root('unlock', alice.login);
          await lockAlice();
        });
      },
      check: async () => expect(await root('locks', '--json')).toContain(alice.login),
    },
  ],
  watch: 'a key on it is the typed verb, and names the id that was selected',
  ...{ requests: shows, grants: shows, connections: shows, sessions: shows, history: shows, locks: shows },
  ...{ whoami: atOnce, status: atOnce, help: atOnce, unpin: atOnce, reading: atOnce, hold: atOnce },
  ...{ release: atOnce, purge: atOnce, reload: atOnce, keys: atOnce, replay: shows, withdraw: 'it is one’s own' },
  ...{ review: 'it signs off what it lists', request: 'each host judges it later: batch.test.ts' },
};

const all = Object.entries(changes).flatMap(([verb, rows]) =>
  typeof rows === 'string' ? [] : rows.map((row) => ({ verb, ...row })),
);

test.each(all)(
  '$verb: $change',
  async ({ says, act, check }) => {
    const { text } = await act();
    expect(plain(text)).toContain(says);
    await check?.();
  },
  60_000,
);

describe('a lock of one’s own login is not outwaited by a sign-in', () => {
  /** Rule 1. With what each takes to come as far as a sign-in. */
  const lines: Readonly<Record<VerbName, (() => readonly string[]) | string>> = {
    attach: () => ['-t', 'prod-db'],
    ...{ watch: () => ['-t', 'watch'], replay: () => ['-t', 'replay', 'K7QF2M', '--follow', '--reason', 'look'] },
    approve: () => ['approve', request],
    deny: () => ['deny', request, '--reason', 'no'],
    revoke: () => ['revoke', 'K7QF2M'],
    extend: () => ['extend', '5m', '--reason', 'INC-1 more'],
    'give-back': () => ['give-back'],
    'break-glass': () => ['break-glass', 'review', '--reason', 'looked'],
    lock: () => ['lock', alice.login, '--reason', 'gone'],
    ...{ unlock: () => ['unlock', host.people.mallory.login], release: 'root’s', purge: 'root’s' },
    ...{ requests: () => ['requests'], grants: () => ['grants'], connections: () => ['connections'] },
    ...{ review: () => ['review', '--period', '2026-07'], request: () => ['request', 'x@*', '--reason', 'look'] },
    ...{ sessions: () => ['sessions'], history: () => ['history'], locks: () => ['locks'], hold: 'root’s' },
    ...{ whoami: 'no sign-in', status: 'no sign-in', help: 'no sign-in' },
    ...{ unpin: 'root’s', reading: 'root’s', reload: 'root’s', keys: 'root’s', withdraw: () => ['withdraw', 'K7QF2M'] },
  };
  const typed = Object.entries(lines).flatMap(([verb, line]) => (typeof line === 'string' ? [] : [{ verb, line }]));

  beforeAll(async () => {
    await broken(await issue());
    await root('lock', host.people.mallory.login, '--reason', 'laptop stolen');
  });

  const proofs = (): readonly number[] =>
    ['sign-in', 'proved-anew'].map((event) => records(event, 'login', erin.login));

  test.each(typed)('$verb', async ({ verb, line }) => {
    if (verb === 'approve' || verb === 'deny') ({ request } = await requestAccess(alice));
    const before = proofs();
    const seen = await duringSignIn(erin, line(), async () => root('lock', erin.login, '--reason', 'laptop stolen'));
    expect(plain(seen.text)).toContain('laptop stolen. [LOCKED]');
    expect(seen.code).toBe(77);
    expect(proofs()).toEqual(before);
  });
});
