// What verify.sh and the verifier in Python ask of an archive, of its log and of its recordings.
import type { SourceGuard } from '../../harness/source-guards.ts';

const sh = 'src/evidence/verify.sh';
const py = 'tests/contract/evidence/verify.py';
const note = (piece: string): { piece: string; becomes: string } => ({
  piece: `bad ${piece}`,
  becomes: `note ${piece}`,
});

type Piece = { readonly piece: string; readonly becomes: string };
const inFile =
  (file: string, name: string) =>
  (where: string) =>
  (test: string, ...pieces: readonly Piece[]): SourceGuard => ({
    what: `${test} (${name})`,
    in: `tests/contract/evidence-${where}.test.ts`,
    test,
    mutations: pieces.map((one) => ({ file, ...one })),
  });
const inShell = inFile(sh, 'verify.sh');
const inPython = inFile(py, 'verify.py');
const notMade = (what: string): Piece => ({ piece: `, '${what}')`, becomes: ') if False else None' });

const [archive, ranges, encrypted] = [inShell('verify'), inShell('ranges'), inShell('encrypted')];
const flips = inShell('flips');
const [archiveInPython, rangesInPython] = [inPython('verify'), inPython('ranges')];
const encryptedInPython = inPython('encrypted');
const journaled = { piece: '[ "$chain" != "$2" ]', becomes: 'false' };
const place = { piece: '$index != $n - 1', becomes: 'false' };

export const checks: readonly SourceGuard[] = [
  flips('one byte of any file is found', {
    piece: '[ "$(sha <"$work/digests")" = "$(sha <SHA256SUMS)" ]',
    becomes: 'true',
  }),
  flips('one byte of the tar itself is found: of a header, of the padding, of its end', {
    piece: '[ "$made" = "$(sha <"$tar")" ]',
    becomes: 'true',
  }),
  flips('one byte of any file that proves something is found, whoever made the list of digests anew', {
    piece: 'select(.value != $root)',
    becomes: 'select(false)',
  }),
  archive('traps the last character of base64, which decodes to the same bytes', {
    piece: 'if $v[42] % 4 != 0 then null',
    becomes: 'if false then null',
  }),
  archive('traps the last character of base64, which decodes to the same bytes', {
    piece: `[ "$(base64 <"$2" | tr -d '\\n')" = "$1" ]`,
    becomes: 'true',
  }),
  archive('traps a signature that is not good', { piece: 'openssl pkeyutl -verify', becomes: 'true' }),
  archive('traps a record that was edited', { piece: 'select(.value != $root)', becomes: 'select(false)' }),
  archive('traps records in another order', {
    piece: 'a field twice"\n  [ "$(sha <"$work/numbers")" = "$(sort -n -u <"$work/numbers" | sha)" ]',
    becomes: 'a field twice"\n  true',
  }),
  archive('traps a field twice, of which jq shows the last', {
    piece: '[ -z "$(has_twice records.jsonl)" ]',
    becomes: 'true',
  }),
  archive('traps a record that says another number than its place, proved at its place', place),
  archive('traps a proof for another place: the number of the record is its place in the log', {
    piece: 'def count: if test("^(0|[1-9][0-9]{0,14})$") then',
    becomes: 'def count: if true then',
  }),
  archive('traps a signature of a key that nobody named', note('checkpoint "it has a signature of an unknown key')),
  archive('traps a file that is in no list, and one that is missing', {
    piece: '($all | length) != ($records | length)',
    becomes: 'false',
  }),
  archive('another log of the same host, signed by another key, is found with the key that was given', {
    piece: '[ "$pinned" = "$host_key" ]',
    becomes: 'true',
  }),
  archive(
    'another log whose checkpoint is of another key than the archive says',
    { piece: `|| stop checkpoint "it is not signed by`, becomes: `|| note checkpoint "it is not signed by` },
    note('checkpoint "it has a signature of an unknown key'),
  ),
  archive(
    'another log of another host',
    { piece: '[ "$origin" = "tmux-gate/$host" ] && [ "$key_name" = "$origin" ]', becomes: 'true' },
    { piece: '. > 0) and .host == $host', becomes: '. > 0)' },
  ),
  archive('another log that a witness did not sign', note('witness "not signed by')),

  inPython('flips')('one byte of any file is found', {
    piece: " and sorted(lines_of(read('SHA256SUMS'))) == sums",
    becomes: '',
  }),
  archiveInPython('traps the last character of base64, which decodes to the same bytes', {
    piece: "check(base64.b64encode(data := base64.b64decode(text)) == text, 'base64') and data",
    becomes: 'base64.b64decode(text)',
  }),
  archiveInPython('traps a signature that is not good', {
    piece: ' and signed(keys[at], message, signature)',
    becomes: '',
  }),
  archiveInPython('traps a record that was edited', {
    piece: `, 'record')`,
    becomes: ') if False else None',
  }),
  archiveInPython('traps records in another order', notMade('order of the log')),
  archiveInPython('traps a field twice, of which jq shows the last', {
    piece: `check(len(fields) == len(dict(fields)), 'a field twice') and `,
    becomes: '',
  }),
  archiveInPython(
    'traps a record that says another number than its place, proved at its place',
    {
      piece: `index == b'index %d' % (r['n'] - 1) and `,
      becomes: '',
    },
    { piece: `check(root_of(r['n'] - 1, `, becomes: `check(root_of(int(index[6:]), ` },
  ),

  archiveInPython('traps a proof for another place: the number of the record is its place in the log', {
    piece: `index == b'index %d' % (r['n'] - 1) and `,
    becomes: '',
  }),
  archiveInPython(
    'another log whose checkpoint is of another key than the archive says',
    { piece: "check(at in keys and signed(keys[at], message, signature), 'signature') and at", becomes: 'at' },
    { piece: 'seen == set(keys) and ', becomes: '' },
  ),

  ranges('a range changed, and the list made anew', journaled),
  ranges(
    'a range dropped, from the file and from the list',
    journaled,
    { piece: '[ "$listed" != "$3" ]', becomes: 'false' },
    { piece: '[ "$at" != "$4" ]', becomes: 'false' },
  ),
  ranges('a gap between two ranges', { piece: '[ "$from" = "$at" ] && ', becomes: '' }, note('recording "$1: $(head')),
  ranges('two ranges in another order', { piece: '[ "$from" = "$at" ] && ', becomes: '' }, journaled),
  ranges('a list that is missing', note('recording "$1: the list')),
  ranges('a range changed in a file that was sealed anew', note('recording "$1: $(head')),
  ranges('a range changed in a file that is not sealed', note('recording "$1: $(head')),
  ranges('a text behind the end', { piece: `[ "$(head -c 1 | wc -c | tr -d ' ')" = 0 ]`, becomes: 'true' }),
  ranges('another file with the same text', { piece: '[ "$(sha <"$file")" != "$sealed" ]', becomes: 'false' }),
  ranges('another encrypted file', { piece: '[ "$(sha <"$file")" != "$sealed" ]', becomes: 'false' }),
  ranges('no file, and no record of a purge', note('recording "$1: it is missing')),
  ranges('the recording of another connection', note('foreign "$file')),

  rangesInPython('a range changed, and the list made anew', notMade('ranges')),
  rangesInPython('a range dropped, from the file and from the list', notMade('ranges'), notMade('what it says')),
  rangesInPython(
    'a gap between two ranges',
    { piece: "check(start == at, 'gap') and end", becomes: 'end' },
    notMade('what it says'),
  ),
  rangesInPython('a range changed in a file that was sealed anew', notMade('what it says')),
  rangesInPython('another file with the same text', notMade('another recording')),
  rangesInPython('another encrypted file', notMade('another recording')),
  rangesInPython('no file, and no record of a purge', {
    piece: ` or check(of('recording-purged', connection=c), 'gone') and []`,
    becomes: '',
  }),
  rangesInPython('the recording of another connection', notMade('a recording of something else')),

  encrypted('what age and zstd make of it is compared with the digests, wherever the folder is', {
    piece: '*) plain=$PWD/$plain ;;',
    becomes: '*) ;;',
  }),
  encrypted('a byte of its text that was changed, cut or added is found', note('recording "$1: $(head')),
  encrypted('a byte of its text that was changed, cut or added is found', {
    piece: `[ "$(head -c 1 | wc -c | tr -d ' ')" = 0 ]`,
    becomes: 'true',
  }),
  encrypted('a byte of the encrypted file that was changed is found by both, whoever made the list of digests anew', {
    piece: '[ "$(sha <"$file")" != "$sealed" ]',
    becomes: 'false',
  }),
  encryptedInPython(
    'a byte of the encrypted file that was changed is found by both, whoever made the list of digests anew',
    notMade('another recording'),
  ),
  encryptedInPython('both verifiers verify it as it was sealed, without a key, and say that its text is not compared', {
    piece: "p.suffix == '.age' or good",
    becomes: 'good',
  }),
];
