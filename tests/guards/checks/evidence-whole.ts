// What verify.sh asks so that an access is whole and its bytes are what they seem, what is sealed, and what names a fault of the journal.
import { guardsIn, type SourceGuard } from '../../harness/source-guards.ts';

type Piece = SourceGuard['mutations'][number];
const sh = (piece: string, becomes: string): Piece => ({ file: 'src/evidence/verify.sh', piece, becomes });
const seal = (piece: string, becomes: string): Piece => ({ file: 'src/adapters/recordings/seal.ts', piece, becomes });
const age = (piece: string, becomes: string): Piece => ({ file: 'src/adapters/recordings/age.ts', piece, becomes });
const walk = (piece: string, becomes: string): Piece => ({ file: 'src/adapters/journal/walk.ts', piece, becomes });
const verifier = guardsIn('contract/evidence-verify', 'traps ');
const whole = guardsIn('contract/evidence-whole', 'what hangs together ');
const sealing = guardsIn('contract/recording-seal');
const journal = guardsIn('contract/journal');

const printable = sh(
  '[ -s records.jsonl ] && is_text records.jsonl || stop records "records.jsonl is no plain text"\n  jq -rs',
  '[ -s records.jsonl ] || stop records "records.jsonl is no plain text"\n  jq -rs',
);
/** Of all that the records tell, whatever is wrong. */
const told = sh('BAD) bad "$check" "$text" ;;', 'BAD) note "$check" "$text" ;;');
const notSealed = (what: string): string => `compressed what is not as the journal has it is not sealed: ${what}`;
const length = seal('if (size !== end) throw', 'if (false) throw');

export const checks: readonly SourceGuard[] = [
  verifier('printable records', 'a NUL that a shell would drop', printable),
  verifier(
    'a printable checkpoint, and proofs',
    'a NUL that a shell would drop',
    sh('is_text "$1" \'\\200\\224\\342\' || return 1\n', ''),
    sh("are_texts '\\200\\224\\342' proofs/* ||", 'true ||'),
  ),

  whole('a request', 'a record left out: requested', told),
  whole('a review', 'a record left out: reviewed', sh('"BAD\\tcomplete\\tthe review', '"note\\tcomplete\\tthe review')),
  whole('a grant', 'a record left out: granted', told),
  whole('a connection', 'a record left out: connected', told, sh('bad foreign "$file', 'note foreign "$file')),
  whole(
    'the end of a connection',
    'a record left out: disconnected',
    sh('"BAD\\tcomplete\\tthe end of connection', '"note\\tcomplete\\tthe end of connection'),
  ),
  whole(
    'the end of a grant',
    'a record left out: grant-ended',
    sh('"BAD\\tcomplete\\tthe end of grant', '"note\\tcomplete\\tthe end of grant'),
  ),
  whole(
    'an access that should be over',
    'an access that was not over says so, and one that claims to be of long ago does not pass',
    sh('"BAD\\tcomplete\\tthe access should', '"note\\tcomplete\\tthe access should'),
  ),
  ...['a recording that is missing, another one, and one that was purged'].flatMap((name) => [
    whole('the recording', name, sh('bad recording "$1: it is missing', 'note recording "$1: it is missing')),
    whole('the file that was sealed', name, sh('[ "$(sha <"$file")" != "$sealed" ]', 'false')),
    whole('the list of ranges', name, sh('bad recording "$1: the list', 'note recording "$1: the list')),
  ]),
  whole("somebody else's record", "another person's record, proved and in the log", told),

  sealing('the chain of the ranges', notSealed('changed'), seal('if (found !== chain) throw', 'if (false) throw')),
  sealing('the length', notSealed('longer'), length),
  sealing(
    'the length, and each range whole',
    notSealed('shorter'),
    length,
    seal('if (got === 0) throw', 'if (got === 0) break;\n    if (got < 0) throw'),
  ),
  sealing(
    'the tag of each chunk',
    'encrypted a changed byte in any part is found',
    age('decipher.final()', 'Buffer.alloc(0)'),
  ),

  journal(
    'records that the head has',
    'a cut at the end is still found after the journal went on over it',
    walk('if (missing > 0) return this.#fault(chainFaults.cut(missing), this.#unvouched);', 'if (missing > 0) return;'),
  ),
  journal(
    'the root of the head',
    'a chain computed anew without the key differs from its signed head',
    walk("if (!isTheirs || this.#isEdited) return 'differs';", ''),
  ),
  journal(
    'a head of the host',
    'a chain computed anew without the key differs from its signed head',
    walk("if (head === undefined) return 'forged';", "if (head === undefined) return 'matches';"),
  ),
];
