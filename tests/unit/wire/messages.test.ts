import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mostRows, partNames } from '../../../src/wire/dashboard-messages.ts';
import { pictureLimit } from '../../../src/wire/frames.ts';
import {
  readFromGate,
  readToGate,
  writeMessage,
  type FromGate,
  type Go,
  type ToGate,
} from '../../../src/wire/messages.ts';

const text = (max: number) => fc.string({ unit: 'binary', maxLength: Math.min(max / 2, 60) });
const lines = fc.array(text(4096), { maxLength: 5 });
const id = fc.stringMatching(/^[0-9A-Z]{1,16}$/);
const size = fc.integer({ min: 1, max: 10_000 });
const instant = fc.integer({ min: 0, max: 8.64e15 });
const natural = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const positive = fc.integer({ min: 1, max: 2 ** 31 });
const exit = fc.integer({ min: 0, max: 255 });
const path = text(200).map((rest) => `/${rest}`);
const is = <const T extends string>(t: T) => fc.constant(t);

const hello = fc.record(
  {
    t: is('hello'),
    v: natural,
    kind: fc.constantFrom('visit' as const, 'local' as const),
    uid: natural,
    login: text(64),
    loginuid: natural,
    pid: positive,
    command: text(4096),
    tooLong: positive,
    tty: fc.boolean(),
    cols: size,
    rows: size,
    term: text(64),
    utf8: fc.boolean(),
    address: text(128),
    auth: text(32 * 1024),
  },
  {
    requiredKeys: [
      't',
      'v',
      'kind',
      'uid',
      'login',
      'pid',
      'command',
      'tty',
      'cols',
      'rows',
      'term',
      'utf8',
      'address',
      'auth',
    ],
  },
);
const why = fc.constantFrom(
  'detached' as const,
  'cut' as const,
  'idle' as const,
  'line' as const,
  'recording' as const,
  'failed' as const,
);
const fromGate = fc.oneof(
  hello,
  fc.record({ t: is('answer'), n: natural, text: text(4096) }),
  fc.record({ t: is('cancel') }),
  fc.record({ t: is('attached'), pid: positive }),
  fc.record({ t: is('ended'), why, exit }),
  fc.record(
    {
      ...{
        t: is('act'),
        n: positive,
        verb: fc.constantFrom('approve' as const, 'deny' as const, 'revoke' as const),
        id,
      },
      ...{ reason: text(400), cols: size, rows: size },
    },
    { requiredKeys: ['t', 'n', 'verb', 'id', 'cols', 'rows'] },
  ),
  fc.record({ t: is('leave') }),
  fc.record({ t: is('shown'), cols: size, rows: size }),
  fc.record({ t: is('look'), n: positive, rows: fc.array(text(200), { maxLength: 5 }) }),
  fc.record({ t: is('rejoin'), v: natural, id, secret: text(64), pid: positive }),
) as fc.Arbitrary<FromGate>;

const rule = fc.constantFrom('pass' as const, 'held' as const, 'never' as const);
const go = fc.record({
  t: is('go'),
  id,
  secret: text(64),
  end: instant,
  host: text(64),
  session: text(32),
  account: fc.record({ name: text(64), uid: positive, gid: positive }),
  service: fc.record({ uid: positive, gid: positive }),
  cgroup: path,
  client: fc.array(text(255), { maxLength: 20 }),
  term: text(64),
  utf8: fc.boolean(),
  recording: path,
  quota: fc.integer({ min: 1 }),
  recordInput: fc.boolean(),
  input: rule,
  expired: lines,
}) as fc.Arbitrary<Go>;
const cell = fc.record({ text: text(200), since: instant, until: instant }, { requiredKeys: [] });
const facts = fc.array(text(700), { maxLength: 4 });
const row = fc.record({ id, of: id, cells: fc.array(cell, { maxLength: 8 }), facts, own: fc.boolean() });
const part = fc.record({
  name: fc.constantFrom('requests' as const, 'grants' as const, 'connections' as const),
  rows: fc.array(row, { maxLength: 3 }),
  more: natural,
  problem: text(600),
});
const parts = fc.array(part, { maxLength: 3 });
const tty = fc.record({ tty: natural, is: fc.constantFrom('raw', 'line', 'unread', 'hidden') });
const toGate = fc.oneof(
  fc.record({
    t: is('dashboard'),
    host: text(64),
    answered: natural,
    says: fc.array(text(600), { maxLength: 8 }),
    parts,
  }),
  fc.record({ t: is('say'), to: fc.constantFrom('out' as const, 'note' as const), lines }),
  fc.record({ t: is('ask'), n: natural, prompt: text(500) }),
  fc.record({ t: is('wait'), text: text(500), until: instant }, { requiredKeys: ['t', 'text'] }),
  fc.record({ t: is('calm') }),
  fc.record({ t: is('bell') }),
  fc.record({ t: is('refuse'), code: text(40), exit, say: text(1000), hint: text(1000) }),
  fc.record({ t: is('done'), exit }),
  go,
  fc.record({ t: is('deadline'), end: instant, expired: lines }),
  fc.record({ t: is('input'), rule }),
  fc.record(
    {
      t: is('looked'),
      n: positive,
      ttys: fc.array(tty, { maxLength: 4 }),
      prompts: fc.array(fc.boolean(), { maxLength: 4 }),
    },
    { requiredKeys: ['t', 'n', 'prompts'] },
  ),
  fc.record({ t: is('picture'), text: text(pictureLimit) }),
  fc.record({ t: is('cut'), lines, exit }),
) as fc.Arbitrary<ToGate>;

const both = [
  ['the gate', fromGate, readFromGate],
  ['the keeper', toGate, readToGate],
] as [string, fc.Arbitrary<FromGate | ToGate>, (json: string) => unknown][];

describe.each(both)('law 1: what %s says', (_, message, read) => {
  test('is understood as it was said, on one line', () => {
    fc.assert(
      fc.property(message, (said) => {
        const text = writeMessage(said);
        expect(text.indexOf('\n')).toBe(text.length - 1);
        expect(read(text)).toEqual(JSON.parse(JSON.stringify(said)));
      }),
      { numRuns: 500 },
    );
  });

  test('is not understood with a key more', () => {
    fc.assert(
      fc.property(message, fc.string(), (said, key) => {
        fc.pre(!Object.hasOwn(said, key) && key !== '__proto__');
        if (['until', 'loginuid', 'tooLong', 'reason', 'idle', 'ttys'].includes(key)) return;
        expect(read(JSON.stringify({ ...said, [key]: 1 }))).toBeUndefined();
      }),
    );
  });

  test('is not understood with a value of another type', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.constantFrom(null, {}, [7], -1, 1.5), (said, pick, wrong) => {
        const keys = Object.keys(said);
        const key = keys[pick % keys.length]!;
        expect(read(JSON.stringify({ ...said, [key]: wrong }))).toBeUndefined();
      }),
    );
  });

  test('is nothing when it is of no known type, and nothing throws', () => {
    for (const json of [
      '',
      'null',
      '7',
      '[]',
      '{}',
      '"hello"',
      '{"t":7}',
      '{"t":"open"}',
      '{"t":"constructor"}',
      '{"t":"toString"}',
    ])
      expect(read(json)).toBeUndefined();
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (json) => expect(read(json)).toBeUndefined()));
  });
});

test('neither side takes the words of the other', () => {
  fc.assert(fc.property(fromGate, (said) => expect(readToGate(writeMessage(said))).toBeUndefined()));
  fc.assert(fc.property(toGate, (said) => expect(readFromGate(writeMessage(said))).toBeUndefined()));
});

test('law 1: no message makes the gate run a client as root', () => {
  fc.assert(
    fc.property(go, (said) => {
      expect(readToGate(JSON.stringify({ ...said, account: { ...said.account, uid: 0 } }))).toBeUndefined();
      expect(readToGate(JSON.stringify({ ...said, service: { ...said.service, uid: 0 } }))).toBeUndefined();
    }),
  );
});

test('law 1: the fullest dashboard that people can fill with text fits the line that the gate reads', () => {
  const name = { text: 'n'.repeat(97) };
  const cells = [...Array.from({ length: 6 }, () => name), { text: '"'.repeat(200) }];
  const facts = ['"'.repeat(412), '"'.repeat(196), '"'.repeat(76), ...Array.from({ length: 5 }, () => 'f'.repeat(80))];
  const row = { id: 'A'.repeat(16), of: 'A'.repeat(16), own: false, cells, facts };
  const rows = Array.from({ length: mostRows }, () => row);
  const told = partNames.map((part) => ({ name: part, rows, more: 9, problem: '' }));
  const dashboard: ToGate = { t: 'dashboard', host: 'prod-box', answered: 1, says: [], parts: told };
  expect(readToGate(writeMessage(dashboard))).toEqual(dashboard);
});

test('law 1: the longest part of a picture fits the line that the gate reads, and a longer one is nothing', () => {
  const picture: ToGate = { t: 'picture', text: '\u001b'.repeat(pictureLimit) };
  expect(readToGate(writeMessage(picture))).toEqual(picture);
  expect(readToGate(writeMessage({ ...picture, text: `${picture.text}x` }))).toBeUndefined();
});

test('how long the keys may be left alone is told with "go", or is not', () => {
  fc.assert(
    fc.property(go, positive, positive, (said, warn, end) => {
      const idle = { warn, end };
      expect(readToGate(writeMessage({ ...said, idle }))).toEqual({ ...said, idle });
      expect(readToGate(JSON.stringify({ ...said, idle: { warn, end: 0 } }))).toBeUndefined();
    }),
  );
});

test('a line longer than its reader takes is nothing', () => {
  expect(readFromGate(JSON.stringify({ t: 'cancel' }).padEnd(70_000))).toBeUndefined();
  expect(readToGate(JSON.stringify({ t: 'calm' }).padEnd(70_000))).toEqual({ t: 'calm' });
});
