// Which records `audit show --since --login` tells.
import { expect, test } from '@jest/globals';
import { chosenBy, type Choice } from '../../../src/cli/journal-choice.ts';

type Fields = Readonly<Record<string, unknown>>;

const at = '2026-11-29T11:53:02.000Z';
const identity = (subject: string): Fields => ({ issuer: 'https://id', subject, claim: `${subject}@x` });
const person = (login: string, subject = login): Fields => ({ ...identity(subject), login });

function chosen(choice: Choice, records: readonly Fields[]): readonly unknown[] {
  const isChosen = chosenBy(choice);
  return records.filter((record) => isChosen({ at, ...record })).map(({ event }) => event);
}

test('without a wish all are told', () => {
  expect(chosen({}, [{ event: 'opened' }, { event: 'refused', login: 'bob' }])).toEqual(['opened', 'refused']);
});

test('since an instant, that instant included', () => {
  const records = [
    { event: 'before', at: '2026-11-29T11:53:01.999Z' },
    { event: 'then' },
    { event: 'after', at: '2026-11-30T00:00:00.000Z' },
  ];
  expect(chosen({ since: Date.parse(at) }, records)).toEqual(['then', 'after']);
});

test('a record that does not say when it was written is not left out', () => {
  const records = [
    { event: 'none', at: undefined },
    { event: 'wrong', at: 'long ago' },
    { event: 'number', at: 0 },
  ];
  expect(chosen({ since: Date.now() }, records)).toEqual(['none', 'wrong', 'number']);
});

test.each<[string, Fields]>([
  ['its login', { login: 'alice' }],
  ['who asked', { who: person('alice') }],
  ['who reviewed', { login: 'bob', by: person('alice') }],
  ['who revoked, in words', { login: 'bob', by: 'alice (alice@x)' }],
  ['who issued', { by: 'alice' }],
  ['whose identity it is', { login: 'bob', identity: person('alice') }],
])('of a login: %s', (_, record) => expect(chosen({ login: 'alice' }, [{ event: 'it', ...record }])).toEqual(['it']));

test.each<[string, Fields]>([
  ['of nobody', { pid: 1 }],
  ['of another login', { login: 'bob', who: person('bob'), by: 'root' }],
  ['of a login that begins like it', { login: 'alice2', by: 'alice2 (alice@x)' }],
  ['that names it in a text', { login: 'bob', reason: 'alice (alice@x)' }],
  ['that it approved once', { login: 'bob', approvers: [person('alice')] }],
  ['of wrong types', { login: ['alice'], by: null, who: 'alice', identity: 7 }],
])('none %s', (_, record) => expect(chosen({ login: 'alice' }, [{ event: 'it', ...record }])).toEqual([]));

const pinned = { event: 'pinned', login: 'alice', ...identity('a1') };
const opened = { event: 'link-refused', login: 'bob', identity: identity('a1') };
const gone = { event: 'identity-gone', ...identity('a1') };

test('an identity without a login is that of the login which it was pinned to', () => {
  expect(chosen({ login: 'alice' }, [opened, pinned, opened, gone])).toEqual([
    'pinned',
    'link-refused',
    'identity-gone',
  ]);
  expect(chosen({ login: 'carol' }, [pinned, opened, gone])).toEqual([]);
});

test.each(['sign-in', 'proved-anew'])('or which it signed in as (%s), where the journal begins later', (event) => {
  const records = [{ event, login: 'alice', identity: identity('a1') }, gone];
  expect(chosen({ login: 'alice' }, records)).toEqual([event, 'identity-gone']);
});

test('whoever opened a link to a request of that login is not that login', () => {
  const link = { event: 'link-refused', login: 'alice', identity: identity('m1') };
  expect(chosen({ login: 'alice' }, [link, { event: 'identity-gone', ...identity('m1') }])).toEqual(['link-refused']);
});

test('the identity that a login was unpinned from is not its own any more', () => {
  const unpinned = { event: 'unpinned', login: 'alice', by: 'root' };
  expect(chosen({ login: 'alice' }, [pinned, unpinned, gone])).toEqual(['pinned', 'unpinned']);
});

test('earlier records tell whose an identity is, although they are not asked for', () => {
  const later = { ...gone, at: '2026-11-30T00:00:00.000Z' };
  expect(chosen({ login: 'alice', since: Date.parse(at) + 1 }, [pinned, later])).toEqual(['identity-gone']);
});
