// Fuzzes pure functions: the grammar of commands, messages, frames, text, shapes and durations (laws 1 and 9).
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { refusal } from '../../src/core/refusal.ts';
import { boolean, integer, list, object, oneOf, optional, parseJson, text as textShape } from '../../src/core/shape.ts';
import { asciiJson, holdsUnseen, sanitizeLine } from '../../src/core/text.ts';
import { formatDuration, parseDuration, spellDuration } from '../../src/core/time.ts';
import { lineCutter, TooLong } from '../../src/wire/frames.ts';
import { commandLimit } from '../../src/wire/frames.ts';
import { parseCommand, printCommand } from '../../src/wire/grammar.ts';
import { readFromGate, readToGate, writeMessage } from '../../src/wire/messages.ts';
import { json, mutated, wild } from './mutation.ts';
import { commands, fromGate, toGate } from './samples.ts';
import { bench, local, must, type Target } from './target.ts';

const unseen = /[\p{C}\p{Zl}\p{Zp}]/u;
const longestName = 64;

function feedGrammar(text: string): void {
  const parsed = parseCommand(text);
  if ('code' in parsed) {
    const { say, hint } = refusal(parsed.code, { host: 'prod-box', ...parsed.names });
    return must(!unseen.test(say) && !unseen.test(hint), 'a refusal shows what cannot be seen');
  }
  const { command } = parsed;
  const printed = printCommand(command);
  must(text.length <= commandLimit, 'a command longer than the limit was read');
  must(isDeepStrictEqual(parseCommand(printed), parsed), `printed, it reads as another: ${JSON.stringify(printed)}`);
  for (const word of [...command.words, command.login ?? '', command.session ?? ''])
    must(
      /^(?:[A-Za-z0-9_.:@+][A-Za-z0-9_.:@+-]*)?$/.test(word) && word.length <= longestName,
      `a word that is none: ${word}`,
    );
}

/** Checks that a parsed value, printed and parsed again, is the same, and that no prototype has changed. */
function feedMessages(text: string): void {
  for (const read of [readFromGate, readToGate]) {
    const message = read(text);
    if (message === undefined) continue;
    must(isDeepStrictEqual(read(writeMessage(message).trimEnd()), message), 'written, it reads as another');
    must(Object.getPrototypeOf(message) === Object.prototype, 'a message has another prototype');
  }
  must(({} as Record<string, unknown>)['x'] === undefined, 'the prototype of all objects was changed');
}

const frameLimit = 256;

interface Pieces {
  readonly text: string;
  readonly cuts: readonly number[];
}

/** Checks that a stream gives the same lines however it is split, none of them longer than the limit. */
function feedFrames({ text, cuts }: Pieces): void {
  const places = [0, ...cuts.map((cut) => Math.floor(cut * text.length)).sort((a, b) => a - b), text.length];
  const cutter = lineCutter(frameLimit);
  const seen: string[] = [];
  try {
    for (let n = 1; n < places.length; n++) seen.push(...cutter(text.slice(places[n - 1], places[n])));
  } catch (error) {
    must(error instanceof TooLong, 'another error than TooLong');
    return must(
      text.split('\n').some((one) => one.length > frameLimit),
      'cut off though no line was too long',
    );
  }
  must(isDeepStrictEqual(seen, text.split('\n').slice(0, -1)), 'other lines than those of the whole');
}

function feedText({ text, max }: { readonly text: string; readonly max: number }): void {
  const clean = sanitizeLine(text, max);
  must(!unseen.test(clean), 'it still holds what cannot be seen');
  must(!holdsUnseen(clean), 'holdsUnseen says otherwise');
  must(clean.length <= max, `longer than ${max}`);
  must(sanitizeLine(clean, max) === clean, 'filtered again, it is another');
  const printed = asciiJson({ text });
  must(/^[\x20-\x7e]*$/.test(printed), 'asciiJson is not printable ASCII');
  must((JSON.parse(printed) as { text: string }).text === text, 'asciiJson reads as another');
}

const shape = object({
  name: textShape(16, /^[a-z]*$/),
  count: integer(0, 9),
  kind: oneOf('a', 'b'),
  flag: boolean,
  items: list(object({ id: textShape(4) }), 3),
  maybe: optional(textShape(4)),
});
const shaped = [
  '{"name":"abc","count":3,"kind":"a","flag":true,"items":[{"id":"x"}],"maybe":"y"}',
  '{"name":"","count":0}',
];
const fields = ['name', 'count', 'kind', 'flag', 'items', 'maybe'];

function feedShape(input: { readonly text: string; readonly value: unknown }): void {
  for (const value of [shape(input.value), parseJson(input.text, shape, 4096)]) {
    if (value === undefined) continue;
    must(
      Object.keys(value).every((key) => fields.includes(key)),
      'a key that the shape does not name',
    );
    must(isDeepStrictEqual(shape(value), value), 'read again, it is another');
    must(value.name.length <= 16 && Number.isSafeInteger(value.count) && value.items.length <= 3, 'out of its bounds');
  }
}

const tenYears = 3650 * 24 * 3_600_000;

function feedDuration(text: string): void {
  const ms = parseDuration(text);
  if (ms === undefined) return;
  must(Number.isSafeInteger(ms) && ms > 0 && ms <= tenYears, `${String(ms)} is out of bounds`);
  must(parseDuration(spellDuration(ms)) === ms, 'spelt, it reads as another');
  must(!unseen.test(formatDuration(ms)), 'shown, it holds what cannot be seen');
}

const durations = ['45s', '20m', '8h', '1d', '1h30m', '3650d', '9999999s', '1d2h3m4s'];
const someCuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
const lines = mutated([
  '{"t":"cancel"}\n{"t":"bell"}\n',
  'a\n\nb\n',
  `${'x'.repeat(frameLimit)}\n`,
  `${'x'.repeat(frameLimit + 1)}\n`,
]);

export const languageTargets: readonly Target[] = [
  local('grammar', () => bench({ inputs: mutated(commands), feed: feedGrammar })),
  local('messages', () => bench({ inputs: mutated([...fromGate, ...toGate]), feed: feedMessages })),
  local('frames', () => bench({ inputs: fc.record({ text: lines, cuts: someCuts }), feed: feedFrames })),
  local('text', () =>
    bench({ inputs: fc.record({ text: wild(120), max: fc.integer({ min: 1, max: 200 }) }), feed: feedText }),
  ),
  local('shape', () =>
    bench({ inputs: fc.record({ text: mutated(shaped), value: fc.oneof(json, fc.anything()) }), feed: feedShape }),
  ),
  local('duration', () => bench({ inputs: mutated(durations), feed: feedDuration })),
];
