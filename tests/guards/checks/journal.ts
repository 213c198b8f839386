// What finds a journal that was cut, rolled back, added to or miscounted, whose segments are missing or changed, or from which more was
// removed than the policy lets go.
import { guardsIn, pieceOf, type SourceGuard } from '../../harness/source-guards.ts';

const piece = (file: string, is: string, becomes: string): SourceGuard['mutations'][number] =>
  pieceOf(`src/adapters/journal/${file}.ts`, is, becomes);
const [anchor, failing] = [guardsIn('contract/journal-anchor'), guardsIn('contract/journal-failing')];
const tampered = guardsIn(
  'contract/journal-anchor',
  '',
  ': verify says so, and the next keeper neither signs nor adds to it',
);
const earlier = guardsIn('contract/journal-earlier', 'a journal of an earlier version becomes no log when ');
const totals = guardsIn('contract/journal-totals');
const changes = 'what somebody changes is found ';
const [trim, segment] = [guardsIn('contract/journal-trim', changes), guardsIn('contract/journal-segments', changes)];

// The keeper, before it signs or adds anything.
const notShorter = piece(
  'anchor',
  'if (bytes > end) return',
  'if (bytes > end) return undefined;\n  if (false) return',
);
const sameRecord = piece('anchor', 'if (!(await isAt(path, anchor, sha256))) return', 'if (false) return');
const sealedBehind = piece('anchor', 'if (!isSealed(line, seal)) return', 'if (false) return');
const signedRoot = piece('tree', 'anew.holds(signed) ? anew :', 'anew.holds(signed) || true ? anew :');
// Whoever verifies: by the short way, and line by line.
const quickSealed = piece(
  'quick',
  'if (anchor !== undefined && next.n > anchor.n && !isSealed(line, outside?.seal ?? String)) return false;',
  '',
);
const quickAhead = piece('quick', " || anchor.anchor === 'ahead') return undefined;", ') return undefined;');
const quickRoot = piece('quick', 'if (!look.isSigned()) return undefined;', '');
const quickHeads = piece('quick', ' && this.#tree.rootAt(head.n) === head.root;', ';');
const quickTotals = piece('quick', ' || !this.#isCounted(record)) return false;', ') return false;');
const sealed = piece('walk', 'else if (this.#isForeign(next, text))', 'else if (false)');
const judged = piece('verify', 'anchor === undefined || isFine ? {}', 'true ? {}');
const named = piece('walk', 'this.#fault(chainFaults.edited, this.records);', '');
// What was removed is what the journal says.
const said = piece('removal', 'if (said === undefined || !(said.last >= first - 1))', 'if (said === undefined)');
const saidAtAll = piece(
  'removal',
  'if (said === undefined || !(said.last >= first - 1))',
  'if (said === undefined) return undefined;\n  if (!(said.last >= first - 1))',
);
const sameRemoval = piece('removal', 'return said.root === rootUpTo(folder, said.last) ?', 'return true ?');
const provedLine = piece('trim', 'if (known.done === true || known.value !== leaf)', 'if (known.done === true)');
const provedRoot = piece('trim', 'if ((await rootByLines(folder, from, next)) !== earlier.root)', 'if (false)');

// A journal of an earlier version, before it becomes a log.
const chained = piece('tree', "if ('problem' in next) throw", 'if (false) throw');
const itsRecord = piece('tree', "typeof tiles === 'string' || isTheirs ?", 'true ?');
const itsHead = piece('tree', 'return journalProblems.otherHead;\n', 'return treeAnew(journal);\n');
const itsLength = piece('tree', 'if (head.n > journal.n) return', 'if (false) return');

const cuts = [
  'a cut to a head that the chain itself holds',
  'a rollback of the whole folder',
  'an emptied folder',
  'a folder that is gone',
];
const forged = ['chained on at the end', 'with a made-up seal', 'with the seal of another'].map(
  (how) => `a forged record ${how}`,
);
const wrongTotals =
  'totals that are wrong are named by their record, once, although the host itself signed everything anew';
const accepted = 'what root accepts goes on, in the next record and in each verdict; once, and for that journal alone';

export const checks: readonly SourceGuard[] = [
  // The anchor.
  ...cuts.map((how) => tampered('the length of the anchor, for the keeper', how, notShorter)),
  ...cuts.slice(0, 2).map((how) => tampered('the anchor that is ahead, for whoever verifies', how, quickAhead)),
  ...cuts.slice(2).map((how) => tampered('the anchor that is ahead, for whoever verifies', how, judged)),
  ...forged.map((how) => tampered('the seal, for the keeper', how, sealedBehind)),
  ...forged.map((how) => tampered('the seal, by the short way', how, quickSealed)),
  ...forged.map((how) => tampered('the seal, line by line', how, sealed)),
  tampered(
    'an anchor that is there, for the keeper',
    'an anchor that is gone',
    piece('anchor', 'anchor === undefined ? unknown :', 'anchor === undefined ? undefined :'),
  ),
  tampered(
    'an anchor that is there, for whoever verifies',
    'an anchor that is gone',
    piece('quick', "if (anchor.anchor === 'missing' || ", 'if ('),
  ),
  tampered('the record of the anchor, and the signed root', 'another journal in its place', sameRecord, signedRoot),
  anchor(
    'the journal that root accepted',
    accepted,
    piece('anchor', 'sha256)) === undefined ? accepted : undefined', 'sha256)) === undefined ? accepted : accepted'),
  ),
  anchor(
    'that root accepts once',
    accepted,
    piece('anchor', 'await this.#place.files.removeState(this.#place.acceptedPath);', ''),
  ),
  anchor(
    'the anchor before the next record',
    'an anchor that cannot be written stops the next record, until it can',
    piece('journal', 'await this.#anchor?.makeGood();', ''),
  ),
  failing(
    'why the last write failed',
    'a write that fails with EIO is told until one succeeds, which a head does by itself',
    piece('journal', "this.failing = (error as NodeJS.ErrnoException).code ?? 'failed'; // rule 7", ''),
  ),
  // An earlier version.
  earlier('the chain, and the record of its head', 'a record of it was edited', chained, itsRecord),
  earlier('a head of the host', 'its head is not ours', itsHead),
  earlier('the length of its head, and its record', 'its head is of more', itsLength, itsRecord),
  earlier('the record of its head', 'its head is of others', itsRecord),
  // Removal by age.
  trim('no more than the journal says', 'one more segment that is removed', said),
  trim('the root that the journal says', 'a record that is made to say more', sameRemoval),
  trim('the hash of each line', 'a record that is made to say more', named),
  trim('the signed root', 'a hash of a record that went', quickRoot, quickHeads, sameRemoval),
  trim(
    'proof of what goes',
    'a line whose hash in the tiles was edited stays, as it would be the only proof',
    provedLine,
    provedRoot,
  ),
  trim('proof of what goes', 'a line that was edited does not go with its segment', provedLine, provedRoot),
  // The totals.
  totals('the totals, by the short way', wrongTotals, quickTotals),
  totals(
    'the totals, line by line',
    wrongTotals,
    piece('walk', 'this.#fault(chainFaults.otherTotals, this.records);', '{}'),
  ),
  totals(
    'the records behind the last totals',
    'each head has the totals of the records before it, also after a restart and after a kill in mid-write',
    piece('totals', ': countLines(found.totals, end, found.behind);\n}\n\nasync', ': found.totals;\n}\n\nasync'),
  ),
  totals(
    'all records, where there are no totals',
    'a journal whose heads have none gets those of all its records at the next opening',
    piece('totals', 'found === undefined ? countAll(path) :', 'found === undefined ? noTotals :'),
  ),
  // Segments.
  segment('a removal that the journal says', 'a segment that was removed: the first', saidAtAll),
  segment('lines without a gap', 'a segment that was removed: one in the middle', {
    file: 'src/core/chain.ts',
    piece: 'if (link.n !== at) return',
    becomes: 'if (false) return',
  }),
  segment('the anchor, for the keeper', 'the newest segment: the keeper does not go on, either', notShorter),
  segment('the hash of each line', 'a line in a segment, which is named', named),
  segment(
    'a file that is private',
    'a file that others may read is not opened for writing',
    piece('file', 'if (!ours || (facts.mode & 0o077) !== 0)', 'if (!ours)'),
  ),
];
