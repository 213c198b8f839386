// What stands between a key that was rotated away and whoever still signs with it.
import { guardsIn, pieceOf, type SourceGuard } from '../../harness/source-guards.ts';

const ownHost = guardsIn('contract/keys-rotation', 'a rotation on its own host ');
const peer = guardsIn('contract/keys-rotation', 'a peer ');
const dying = guardsIn('contract/keys-rotation', 'a keeper that dies, or cannot write ');
const rotation = guardsIn('unit/keeper/key-rotation');
const locks = guardsIn('unit/keeper/locks', 'rule 5: a lock outlives the key that signed it ');

const rules = 'src/core/signing-keys.ts';
const keys = 'src/adapters/keys.ts';
const files = 'src/adapters/keys-files.ts';
const service = 'src/keeper/key-rotation.ts';

const ends = pieceOf(rules, 'if (until !== undefined && now >= until) return false; // rule 1', '');
const nothingNew = pieceOf(rules, 'signedAt <= retiredAt; // rule 2', 'signedAt >= 0;');
const readEnd = pieceOf(files, '...(until === undefined ? {} : { until }), ...(retiredAt', '...(retiredAt');

export const checks: readonly SourceGuard[] = [
  ownHost('the end of a key', 'what was signed before counts until the end of the old key, and not from then on', ends),
  ownHost(
    'that it signs nothing new',
    'the old key signs nothing new, also while what it signed still counts',
    nothingNew,
  ),
  ownHost(
    'the key that a signature names',
    'a signature counts under the name of its own key alone',
    pieceOf(
      keys,
      'return known?.signing.get(key ?? known.first);',
      'return known?.signing.get(key ?? known.first) ?? [...(known?.signing.values() ?? [])].at(-1);',
    ),
  ),
  ownHost(
    'the end of those that were retired before, after a leak',
    'of a leak: all that signed before end at once, also those that were retired',
    pieceOf(rules, 'leaked ? { ...one, until: Math.min(one.until, until) } : one', 'one'),
  ),
  peer('the end of a key', 'takes both keys once it has the file, and the old one no more after its end', readEnd),
  peer(
    'that it signs nothing new',
    'knows that a retired key signs nothing new',
    pieceOf(files, '...(retiredAt === undefined ? {} : { retiredAt }) };', '};'),
  ),
  ...[
    ['an end that is none', 'throw new Error(`${path} has a key with no readable end`)', 'return undefined'],
    [
      'a key under another fingerprint',
      'throw new Error(`${path} has a key under the fingerprint of another`)',
      'void 0',
    ],
    ['two keys of a journal', 'journal === undefined || journals.length > 1', 'journal === undefined'],
  ].map(([what = '', piece = '', becomes = '']) =>
    peer(`a file with ${what}`, `is not taken from a file with ${what}`, pieceOf(files, piece, becomes)),
  ),
  dying(
    'the exchange in memory before the file',
    'rule 9: what is signed while the file is written is of the new key, which counts also if the file is never written',
    pieceOf(
      'src/adapters/keys-own.ts',
      'deps.use(ownKeys(host, first, after)); // rule 1\n      await writeRing(folder, after)',
      'await writeRing(folder, after).then(() => deps.use(ownKeys(host, first, after)))',
    ),
  ),
  rotation(
    'the key that peers were given',
    'a rotation rule 3: with peers, takes the key that was prepared, and no other',
    pieceOf(service, 'waiting === undefined && hasPeers && !leaked', 'waiting === null'),
  ),
  rotation(
    'another key than the one that lay beside a leaked one',
    'a rotation rule 4: of a key that leaked waits for no peer, ends it at once, and does not use the one that lay beside it',
    pieceOf(service, 'waiting === undefined || leaked ?', 'waiting === undefined ?'),
  ),
  rotation(
    'the record before the exchange',
    'nothing changes law 7: when the journal takes no record',
    pieceOf(service, 'await deps.outbox.allow(', 'await keys.rotate(current, ending);\n    await deps.outbox.allow('),
  ),
  rotation(
    'the lives of grants in the overlap',
    'a rotation rule 2: the old key counts as long as what it signed can live, a grant of an earlier policy included',
    pieceOf(service, 'overlapEnd(deps.config, ends, now)', 'overlapEnd(deps.config, [], now)'),
  ),
  locks(
    'the form of a lock in the store',
    'one that this host made is signed again with its key of now, kept, and shown in that form',
    pieceOf('src/keeper/identity/locks.ts', 'await signAgain(deps);', ''),
  ),
  locks(
    'that a form is of the same lock',
    'the form of a peer is taken over, of the same lock alone',
    pieceOf('src/keeper/state/held-locks.ts', ' || !isSameLock(known.lock, lock)', ''),
  ),
  locks(
    'the pause between two announcements',
    'where the other host cannot verify the form of this one, it is announced at most every two seconds',
    pieceOf('src/keeper/identity/locks.ts', '< againMs) return false;', '< 0) return false;'),
  ),
];
