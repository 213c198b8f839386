// What verify.sh and the verifier in Python ask of evidence of a period.
import type { SourceGuard } from '../../harness/source-guards.ts';

const sh = 'src/evidence/verify.sh';
const py = 'tests/contract/evidence/verify_period.py';

type Piece = { readonly piece: string; readonly becomes: string };
const inFile =
  (file: string, name: string) =>
  (test: string, ...pieces: readonly Piece[]): SourceGuard => ({
    what: `${test} (${name})`,
    in: 'tests/contract/evidence-period.test.ts',
    test,
    mutations: pieces.map((one) => ({ file, ...one })),
  });
const [inShell, inPython] = [inFile(sh, 'verify.sh'), inFile(py, 'verify_period.py')];
const inTables = inFile('tests/contract/evidence/verify_tables.py', 'verify_tables.py');
const inRecords = inFile('tests/contract/evidence/verify.py', 'verify.py');

/** A fault becomes a note. */
const note = (piece: string): Piece => ({ piece: `bad ${piece}`, becomes: `note ${piece}` });
/** What would end the script does not. */
const unstopped = (piece: string): Piece => ({ piece: `stop ${piece}`, becomes: `: ${piece}` });
const notMade = (what: string): Piece => ({ piece: `, '${what}')`, becomes: ') if False else None' });

const leftOut = (how: string): string => `an access left out ${how}`;
const hidden = leftOut('by handing on its records as hashes, which lead to the root: the totals count it');
const ofPart = (part: string): string => leftOut(`by evidence of ${part} alone, which says that it is of all`);
const nearer = leftOut('by heads that are nearer to each other than the period');
const changed = (what: string): string => `what was changed ${what}`;
const sample = changed('the sample: another access in the place of one, another seed than the one that was named');
const oneByte = 'one byte of each kind of file, whoever made the list of digests anew';
const [counted, opening, closing, root] = [
  note('totals "$line"'),
  unstopped('opening "record $opens is of'),
  unstopped('closing "record $closes is of'),
  unstopped('records "with the hashes of the others'),
];

export const checks: readonly SourceGuard[] = [
  inShell(leftOut('by dropping its record: what is shown does not lead to the root'), root),
  inShell(hidden, counted),
  inShell(leftOut('by a connection alone'), counted),
  inShell(leftOut('by its end: it should have been over'), note('complete "access $access should have been over')),
  inShell(nearer, closing),
  inShell(ofPart('its end'), opening),
  inShell(ofPart('its beginning'), closing),
  inShell(changed('a record, totals among them'), root),
  inShell(changed('a reason, in its record and in both tables'), root),
  inShell(
    changed("two records in each other's place"),
    unstopped('records "they are not in the order of the log"\n  for file'),
  ),
  ...['population.csv', 'exceptions.csv'].map((name) =>
    inShell(changed(`a cell of ${name}`), note('"$table" "$table.csv is not what the records say')),
  ),
  inShell(sample, unstopped('sample "its archives are not those')),
  inShell(sample, unstopped('sample "it is of another access or checkpoint')),
  inShell(sample, unstopped('sample "it was drawn by another seed')),
  inShell(oneByte, root),
  inShell(oneByte, note('"$table" "$table.csv is not what the records say')),
  inShell(oneByte, note('sample "$access is not')),

  inPython(hidden, notMade('totals')),
  inPython(leftOut('by a connection alone'), notMade('totals')),
  inTables(leftOut('by its end: it should have been over'), notMade('an end is missing')),
  inPython(nearer, notMade('closing')),
  inPython(ofPart('its end'), notMade('opening')),
  inPython(ofPart('its beginning'), notMade('closing')),
  inPython(changed('a reason, in its record and in both tables'), notMade('the records do not lead to the root')),
  inRecords(changed("two records in each other's place"), notMade('order of the log')),
  ...['population.csv', 'exceptions.csv'].map((name) => inTables(changed(`a cell of ${name}`), notMade(name))),
  inPython(oneByte, notMade('the records do not lead to the root')),
  ...['population.csv', 'exceptions.csv'].map((name) => inTables(oneByte, notMade(name))),
  inTables(oneByte, { piece: ", f'sample {id}')", becomes: ') if False else None' }),
  inTables(sample, notMade('the sample')),
  inTables(sample, { piece: ", f'sample {id}')", becomes: ') if False else None' }),
];
