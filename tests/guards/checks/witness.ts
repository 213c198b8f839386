// What a peer and the owner of a journal ask of letters in the store, and the owner of what a witness answers over HTTP.
import { guardsIn, pieceOf, type SourceGuard } from '../../harness/source-guards.ts';

const letters = guardsIn('contract/witness-peers', 'whoever can write to Redis ');
const answers = guardsIn(
  'contract/witness-url',
  'a witness of the policy ',
  ': nothing is taken for a cosignature, and the problem is said',
);
const piece = (file: string, is: string, becomes: string): SourceGuard['mutations'][number] =>
  pieceOf(`src/${file}.ts`, is, becomes);
const handedOn = 'cannot ask in the name of a host, nor hand an ask or an answer on to another';

const signature = piece('core/tlog/witness', 'witnessesOf(checks, given, [key]).length === 0', 'false');
const status = piece('adapters/witness/url', 'throw new Error(`HTTP status ${status}`);', 'return { lines: text };');

export const checks: readonly SourceGuard[] = [
  letters(
    'the number of an ask',
    'puts an old ask back: no alarm, and nothing is cosigned',
    piece('keeper/witness/peer-logs', 'if (number <= known.asked)', 'if (false)'),
  ),
  letters(
    'the signer of an ask',
    handedOn,
    piece('keeper/witness/peer-logs', "'witness-ask', askShape, from)", "'witness-ask', askShape)"),
  ),
  letters(
    'for whom an ask is',
    handedOn,
    piece('keeper/witness/peer-logs', 'if (read?.value.to === host)', 'if (read !== undefined)'),
  ),
  letters(
    'the signer of an answer',
    handedOn,
    piece('keeper/witness/own-log', "'witness-answer', answerShape, from)", "'witness-answer', answerShape)"),
  ),
  letters(
    'for whom an answer is',
    'hands what a witness answered to one host on to another: no alarm',
    piece('keeper/witness/own-log', 'if (answer?.to !== host || round', 'if (answer === undefined || round'),
  ),

  ...['signs with another key', 'signs another checkpoint'].map((what) =>
    answers('the signature, by the key of the policy', what, signature),
  ),
  answers(
    'a signature at all',
    'sends no signature',
    piece('core/tlog/witness', 'if (given === undefined ||', 'if (given === undefined) return note;\n  if ('),
  ),
  answers(
    'so many asks in one round',
    'says another size each time',
    piece('keeper/witness/own-log', 'witness.tries < triesLimit', 'witness.tries < 9 * triesLimit'),
  ),
  ...['says 409 without a size', 'says 422', 'says 403'].map((what) => answers('the status', what, status)),
  answers(
    'no redirect',
    'sends us elsewhere',
    piece('adapters/witness/url', "redirect: 'manual'", "redirect: 'follow'"),
  ),
  answers(
    'the length of an answer',
    'answers without end',
    piece('adapters/witness/url', 'const answerBytes = 16 * 1024;', 'const answerBytes = 1024 * 1024;'),
  ),
  answers(
    'a request that failed is told',
    'hangs up',
    piece('keeper/witness/own-log', 'this.#failed(witness, round, wordsOf(error));', ''),
  ),
];
