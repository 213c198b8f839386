// asciicast v2 (src/core/recording/cast): what the gate writes is read, and anything else is a fault that says what is wrong.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CastFault, lineLimit, parseCastLine, parseHeader, sizeOf } from '../../../../src/core/recording/cast.ts';

test('the header of a recording', () => {
  const header = { width: 80, height: 24, timestamp: 1_790_000_000, title: 'prod-db', env: { TERM: 'xterm' } };
  expect(parseHeader(JSON.stringify({ version: 2, ...header }))).toEqual(header);
});

test('what asciicast v2 allows besides is passed over; what may be missing may be missing', () => {
  const more = { duration: 1.5, idle_time_limit: 2, command: 'sh', theme: { fg: '#fff' } };
  expect(parseHeader(JSON.stringify({ version: 2, width: 1, height: 65_535, ...more }))).toEqual({
    ...{ width: 1, height: 65_535, env: {} },
  });
});

test.each([
  ['', 'the header is no JSON'],
  ['{', 'the header is no JSON'],
  ['[]', 'the header is no object'],
  ['null', 'the header is no object'],
  ['7', 'the header is no object'],
  ['{"version":2,"width":80,"height":24,"shell":"sh"}', 'the header has an unknown key "shell"'],
  ['{"version":3,"width":80,"height":24}', 'the header is not of version 2'],
  ['{"version":2,"height":24}', 'the header has no size of a terminal'],
  ['{"version":2,"width":80,"height":0}', 'the header has no size of a terminal'],
  ['{"version":2,"width":65536,"height":24}', 'the header has no size of a terminal'],
  ['{"version":2,"width":80,"height":24,"timestamp":-1}', 'the timestamp is no time'],
  ['{"version":2,"width":80,"height":24,"title":7}', 'the title is no text'],
  ['{"version":2,"width":80,"height":24,"env":null}', 'the environment does not hold texts'],
  ['{"version":2,"width":80,"height":24,"env":[]}', 'the environment does not hold texts'],
  ['{"version":2,"width":80,"height":24,"env":"TERM"}', 'the environment does not hold texts'],
  ['{"version":2,"width":80,"height":24,"env":{"TERM":1}}', 'the environment does not hold texts'],
])('a header that is none: %s', (line, message) => {
  expect(() => parseHeader(line)).toThrow(new CastFault(message));
});

test.each([
  ['{', 'the event is no JSON'],
  ['{}', 'the event is no array of three'],
  ['[1,"o"]', 'the event is no array of three'],
  ['[1,"o","x",2]', 'the event is no array of three'],
  ['["1","o","x"]', 'the event has no time'],
  ['[-1,"o","x"]', 'the event has no time'],
  ['[2.9,"o","x"]', 'the event is earlier than the one before it'],
  ['[3,"oo","x"]', 'the event has no code of one letter'],
  ['[3,1,"x"]', 'the event has no code of one letter'],
  ['[3,"o",1]', 'the event has no text'],
  ['[3,"r","80x"]', 'the event tells no size of a terminal'],
  ['[3,"r","0x24"]', 'the event tells no size of a terminal'],
  ['[3,"r","80x99999"]', 'the event tells no size of a terminal'],
])('an event that is none: %s', (line, message) => {
  expect(() => parseCastLine(line, 3)).toThrow(new CastFault(message));
});

test('what was typed and markers may stand behind output that came later; what is on the screen may not', () => {
  for (const code of ['i', 'm']) expect(parseCastLine(`[2.9,"${code}","x"]`, 3)).toEqual({ at: 2.9, code, data: 'x' });
  for (const line of ['[2.9,"r","80x24"]', '[2.9,"o","x"]'])
    expect(() => parseCastLine(line, 3)).toThrow('the event is earlier than the one before it');
});

test('a line has a bound', () => {
  const line = JSON.stringify([1, 'o', 'x'.repeat(lineLimit)]);
  expect(() => parseCastLine(line)).toThrow(`the event is longer than ${lineLimit} characters`);
});

test('a new size', () => {
  expect(parseCastLine('[0.5,"r","120x40"]')).toEqual({ at: 0.5, code: 'r', data: '120x40' });
  expect(sizeOf('120x40')).toEqual({ width: 120, height: 40 });
});

test('every event that is printed is read back', () => {
  const event = fc.tuple(
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom('o', 'i', 'm'),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(event, ([at, code, data]) => {
      expect(parseCastLine(JSON.stringify([at, code, data]))).toEqual({ at: at === 0 ? 0 : at, code, data });
    }),
  );
});
