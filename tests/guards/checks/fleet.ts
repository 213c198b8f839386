// What keeps a host from telling, or doing, more for another host of the fleet than for the person who asks there.
import { guardsIn, pieceOf, type SourceGuard } from '../../harness/source-guards.ts';

const keeper = guardsIn('unit/keeper/fleet');
const answer = 'src/keeper/fleet/answer-query.ts';
const ask = 'src/keeper/fleet/ask-fleet.ts';
const not = (rule: string): string => `a question of a peer ${rule} is not answered`;

export const checks: readonly SourceGuard[] = [
  keeper(
    'that a question is of the host that signed it',
    not('rule 1: in the name of another host'),
    pieceOf(answer, 'read.host !== read.value.host || ', ''),
    pieceOf(answer, 'query.host === deps.host || ', ''),
  ),
  keeper(
    'that its id is its own',
    not('rule 1: under the id of another'),
    pieceOf(answer, ' || read.value.id !== id', ''),
  ),
  keeper(
    'that somebody waits for it',
    not('rule 1: for which nobody waits any more'),
    pieceOf(answer, ' || left <= 0', ''),
  ),
  keeper(
    'that nobody waits for long',
    not('rule 1: for which somebody waits without end'),
    pieceOf(answer, ' || left > longestMs', ''),
  ),
  keeper(
    'that a question is answered once',
    'a question of a peer rule 1: is answered once, however often Redis tells of it',
    pieceOf(answer, 'if (deps.answeredQueries.has(question)) return;', ''),
  ),
  keeper(
    'that the root of a host is one of those who ask',
    'a question of a peer rule 4: of the root of one host two are answered at once, and the others not at all',
    pieceOf(answer, '`root ${host}`', 'undefined'),
    pieceOf('tests/unit/keeper/world.ts', 'openWorkQueue({ atOnce: 2,', 'openWorkQueue({ atOnce: 9,'),
  ),
  keeper(
    'the lock',
    'a question of a peer rule 3: a login that is locked here is told nothing',
    pieceOf(answer, 'checkLock(deps, login);', 'void login;'),
  ),
  keeper(
    'that few are answered at once',
    'a question of a peer rule 4: of one person two are answered at once, and the others not at all',
    pieceOf(answer, '`${reader.issuer} ${reader.subject}`', 'undefined'),
    pieceOf('tests/unit/keeper/world.ts', 'openWorkQueue({ atOnce: 2,', 'openWorkQueue({ atOnce: 9,'),
  ),
  keeper(
    'who signed an answer',
    'whoever asks rule 2: learns who did not answer in time; what another signed for them counts as no answer',
    pieceOf(ask, 'fleetAnswerShape, from)', 'fleetAnswerShape)'),
  ),
  keeper(
    'that one person has few questions under way',
    'whoever asks rule 1: has two questions under way',
    pieceOf(ask, '>= mostEach', '> 1_000'),
  ),
];
