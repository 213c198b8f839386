// What finds a journal that root of its host signed anew, and a recording that is not what was journaled.
import { guardsIn, pieceOf, type SourceGuard } from '../../harness/source-guards.ts';

const [log, peers, ranges] = [
  guardsIn('contract/journal-log'),
  guardsIn('contract/witness-peers'),
  guardsIn('contract/recording-ranges'),
];
const [journal, exported] = [guardsIn('contract/journal-head'), guardsIn('contract/journal-export')];
const copies = guardsIn('contract/audit-recordings');
const auditRecordings = 'src/cli/audit-recordings.ts';
const byItsRoot = (what: string): string =>
  `what root of the host did to its recordings is named, with its file and its record ${what}`;
const exporter = 'src/cli/audit-export.ts';

const kept = 'src/adapters/journal/kept.ts';
const atLeastAsLong = pieceOf(
  kept,
  "state === 'matches' || state === 'other'",
  "state !== 'differs' && state !== 'foreign'",
);
const sameRoot = pieceOf(kept, "rootAt(head.n) === head.root ? 'matches'", "rootAt(head.n) !== undefined ? 'matches'");
const byRoot = (what: string): string =>
  `by root with the key: ${what}: unseen on the host, seen by whoever kept a checkpoint`;

const witness = 'src/core/tlog/witness.ts';
const continued = pieceOf(witness, 'if (isConsistent(sha256, last, checkpoint, proof))', 'if (true)');
const sameSize = pieceOf(witness, 'last?.size === checkpoint.size && last.root !== checkpoint.root', 'false');
const notSmaller = pieceOf(witness, 'checkpoint.size < refusal.size', 'false');
const byPeer = (what: string): string =>
  `root of the host, with the host's own key ${what}: the peer cosigns nothing, journals it and alarms, by name`;

const order = 'src/core/recording/ranges.ts';
const verifier = 'src/adapters/recordings/verify.ts';
const inOrder = (what: string): string =>
  `a verifier of a plain recording finds records of ranges that are not in order, whatever the file is: ${what}`;
const gap = pieceOf(order, "if (range !== at || from !== bytes) return { fault: 'gap', range: at };", '');
const chain = pieceOf(order, "if (said !== chain) return { fault: 'chain', range: at };", '');
const end = pieceOf(order, 'return agrees ? undefined :', 'return true ? undefined :');

export const checks: readonly SourceGuard[] = [
  // A third machine, which has nothing but checkpoints.
  ...[
    'one record rewritten',
    'one record dropped',
    'a recording and all its records dropped',
    'a second history begun',
  ].map((what) => log('the root of a kept checkpoint', byRoot(what), sameRoot)),
  ...['the last record cut off', 'the last 100 records cut off', 'a day rolled back'].map((what) =>
    log('the size of a kept checkpoint', byRoot(what), atLeastAsLong),
  ),
  log(
    'the key of a kept checkpoint',
    'by root with another key: what was kept of this host no longer fits its key; what is of another log says nothing',
    pieceOf(kept, "'hash' in head) return 'foreign';", "'hash' in head) return 'other';"),
  ),
  // The keeper, and whoever verifies on the host.
  log(
    'the hash of each line',
    'a record that was edited is named, alone, although the chain behind it was computed anew',
    pieceOf('src/adapters/journal/walk.ts', 'this.#fault(chainFaults.edited, this.records);', ''),
  ),
  log(
    'the signed root, for the keeper',
    'a keeper signs no edit that was made while none ran',
    pieceOf('src/adapters/journal/tree.ts', 'anew.holds(signed) ? anew :', 'anew.holds(signed) || true ? anew :'),
  ),
  // A peer.
  peers('the same root at the same size', byPeer('rewrites one record'), sameSize, continued),
  peers('the consistency proof', byPeer('rewrites one record, and goes on'), continued),
  peers('the same root at the same size', byPeer('drops a record'), sameSize, continued),
  peers('the same root at the same size', byPeer('drops a recording and all its records'), sameSize, continued),
  peers('the size that was cosigned', byPeer('cuts the last record'), notSmaller),
  peers('the size that was cosigned', byPeer('cuts the last hundred'), notSmaller),
  peers('the size that was cosigned', byPeer('puts the folder of the day before back'), notSmaller),
  peers('the size that was cosigned', byPeer('starts a second history'), notSmaller),
  peers('the consistency proof', byPeer('starts a second history, which is longer'), continued),
  // The export.
  exported(
    'a receiver is tried each minute at least',
    'a receiver that is down for ten minutes while the keeper restarts gets all, in order, at least once',
    pieceOf(exporter, 'const longestWaitMs = 60_000;', 'const longestWaitMs = 600_000;'),
  ),
  ...['stdout', 'syslog'].map((to) =>
    exported(
      'the cursor is written after the receiver has taken it',
      `${to}: a follower that ends before it noted what it sent`,
      pieceOf(exporter, 'if (stop.aborted) return;', ''),
    ),
  ),
  journal(
    'a head after a while',
    '60 s after a record without another a head stands in the journal, and none without a record',
    pieceOf('src/adapters/journal/journal.ts', 'const headAfterMs = 60_000;', 'const headAfterMs = 90_000;'),
  ),
  journal(
    'a head 60 s after the first record without one, not after the last',
    'with records all the time a head stands in the journal 60 s after the first of them, and so again',
    pieceOf(
      'src/adapters/journal/journal.ts',
      'this.#timer ??= setTimeout(() => this.#placeHead(), headAfterMs)',
      'clearTimeout(this.#timer);\n    this.#timer = setTimeout(() => this.#placeHead(), headAfterMs)',
    ),
  ),
  // Copies of the journal and of the recordings, on a third machine.
  ...['one that was dropped', 'the whole folder'].map((what) =>
    copies('a recording is there', byItsRoot(what), pieceOf(verifier, "isRight ? [] : [{ fault: 'missing' }]", '[]')),
  ),
  copies(
    'what is found of a recording is told',
    byItsRoot('one that was edited, and which of its bytes'),
    pieceOf(auditRecordings, 'if (fault !== undefined)', 'if (false)'),
  ),
  copies(
    'the place below the named folder alone',
    'rule 3: a journal that names another file of this machine has nobody look at it',
    pieceOf(auditRecordings, '/^\\d{4}-\\d\\d-\\d\\d$/.test(day) &&', ''),
  ),
  // Recordings.
  ranges('the end of all ranges', inOrder('the last one dropped'), end),
  ranges('ranges without a gap', inOrder('one in between dropped'), gap),
  ranges('the chain of ranges', inOrder('one in between dropped, and the rest made to follow'), chain),
  ranges('ranges without a gap', inOrder('two in another order'), gap),
  ranges('the chain of ranges', inOrder('two digests in another order'), chain),
  ranges('the chain of ranges', inOrder('one changed'), chain),
  ranges('the end of all ranges', inOrder('all chained anew'), end),
  ranges(
    'no empty range',
    inOrder('one that is empty'),
    pieceOf(order, "if (to <= from) return { fault: 'empty', range: at };", ''),
  ),
  ranges(
    'the digest of each range',
    'a verifier of a plain recording names the range of a changed byte, and counts what is before it',
    pieceOf(verifier, 'if (found !== range.sha256)', 'if (false)'),
  ),
  ranges(
    'nothing behind the end, and a file',
    'a verifier of a plain recording finds what was cut, added, or removed as a whole',
    pieceOf(verifier, 'closed !== undefined && size > closed.bytes', 'false'),
  ),
  ranges(
    'a file',
    'a verifier of a plain recording finds what was cut, added, or removed as a whole',
    pieceOf(verifier, "isRight ? [] : [{ fault: 'missing' }]", '[]'),
  ),
  ranges(
    'the digest of the sealed file',
    'a verifier of a sealed recording finds each changed byte of the file, whether or not it can still be read',
    pieceOf(verifier, 'size === sealed.bytes && (await digestOf(file, 0, size)) === sealed.sha256', 'true'),
  ),
  ranges(
    'the digest of the encrypted file',
    'a verifier of a sealed recording of an encrypted one compares the file, and what is in it with its identity only',
    pieceOf(verifier, 'size === sealed.bytes && (await digestOf(file, 0, size)) === sealed.sha256', 'true'),
  ),
];
