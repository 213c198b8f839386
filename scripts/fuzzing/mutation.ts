// Mutated text: a valid sample with a few edits, so that it passes the first checks. Edits are data, so that fast-check can shrink a
// failing input to the edits that matter.
import fc from 'fast-check';

export interface Edit {
  readonly kind: 'delete' | 'insert' | 'replace' | 'repeat' | 'swap' | 'cut';
  /** The position, as a part of the text: 0 to 1. */
  readonly at: number;
  /** How much it covers, as a part of the longest edit: 0 to 1. */
  readonly length: number;
  readonly text: string;
}

/** Any text at all, unpaired surrogates included. */
export const wild = (maxLength: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength }),
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength }).map((units) => String.fromCharCode(...units)),
    fc.string({ maxLength }),
  );

/** Texts on which parsers are known to fail. */
const nasty = [
  ...[
    '',
    ' ',
    '\n',
    '\r',
    '\r\n',
    '\t',
    '\0',
    '\u2028',
    '\u202e',
    '\ufeff',
    '\ud800',
    '\u001b[2J',
    '\u009b',
    '💥',
    'é',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '\\',
    ',',
    ':',
    '.',
    '-',
    '=',
    '%00',
    '%n',
    '$(id)',
    '`id`',
    '#(id)',
    ';',
    '|',
    '&',
    '*',
  ],
  ...['null', 'true', '-0', '1e309', '-1', '9007199254740993', '0x10', 'NaN', '1e5', '00'],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '"__proto__":{"x":1},',
    '"t":"go",',
    '--reason ',
    '--for 1h',
    '<<: *a',
    '&a ',
    '*a',
  ],
  ...['!!js/function "x"', '!!binary AAAA', '%YAML 1.1\n---\n', '---\n', '? ', '|\n', '> '],
  ...['['.repeat(5_000), '{"a":'.repeat(3_000), 'A'.repeat(70_000), '\n'.repeat(10_000), '- '.repeat(2_000)],
];

/** How many characters an edit covers at most; small edits find more than large ones. */
const longest = 40;

/** A random edit. */
export const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom<Edit['kind'][]>('delete', 'insert', 'replace', 'repeat', 'swap', 'cut'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.double({ min: 0, max: 1, noNaN: true }),
  text: fc.oneof(
    { weight: 3, arbitrary: fc.string({ maxLength: 4 }) },
    { weight: 2, arbitrary: fc.constantFrom(...nasty) },
    {
      weight: 1,
      arbitrary: wild(8),
    },
  ),
});

/** The text after these edits, one after another. */
export function edited(text: string, edits: readonly Edit[]): string {
  return edits.reduce(apply, text);
}

function apply(text: string, { kind, at, length, text: piece }: Edit): string {
  const from = Math.min(text.length, Math.floor(at * (text.length + 1)));
  const to = Math.min(text.length, from + 1 + Math.floor(length * longest));
  const [before, taken, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  switch (kind) {
    case 'delete':
      return before + after;
    case 'insert':
      return before + piece + taken + after;
    case 'replace':
      return before + piece + after;
    case 'repeat':
      return before + taken.repeat(2 + Math.floor(length * 20)) + after;
    case 'swap':
      return after.slice(0, taken.length) + before + taken + after.slice(taken.length);
    case 'cut':
      return before;
  }
}

/** A sample with up to `most` edits, or rarely any text. */
export function mutated(samples: readonly string[], most = 4): fc.Arbitrary<string> {
  const change = fc.tuple(fc.constantFrom(...samples), fc.array(edit, { maxLength: most }));
  return fc.oneof(
    { weight: 9, arbitrary: change.map(([sample, edits]) => edited(sample, edits)) },
    { weight: 1, arbitrary: wild(200) },
  );
}

/** A JSON value of moderate depth. */
export const json: fc.Arbitrary<unknown> = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(...nasty));
