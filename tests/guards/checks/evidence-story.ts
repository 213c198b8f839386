// What both verifiers of evidence ask of the story that the records tell.
import type { SourceGuard } from '../../harness/source-guards.ts';

const sh = 'src/evidence/verify.sh';
const py = 'tests/contract/evidence/verify.py';
const story = 'tests/contract/evidence/verify_story.py';
const inShort: readonly string[] = ['what begins', 'foreign'];

/** In verify.sh, a fault becomes a note. */
const inShell = (test: string, ...pieces: readonly string[]): SourceGuard => ({
  what: `${test} (verify.sh)`,
  in: 'tests/contract/evidence-story.test.ts',
  test: `is refused by both ${test}`,
  mutations: pieces.map((piece) => ({ file: sh, piece: `"BAD\\t${piece}`, becomes: `"note\\t${piece}` })),
});

/** In verify.py, a check is not made. */
const inPython = (test: string, ...whats: readonly string[]): SourceGuard => ({
  what: `${test} (verify.py)`,
  in: 'tests/contract/evidence-story.test.ts',
  test: `is refused by both ${test}`,
  mutations: whats.map((what) => ({
    file: inShort.includes(what) ? py : story,
    piece: `, '${what}')`,
    becomes: `) if False else None`,
  })),
});

const foreign = 'foreign\\trecord \\(.n)';
const ends = 'what came of a request';

export const checks: readonly SourceGuard[] = [
  inShell('a record of another grant', foreign),
  inShell('a sign-in of somebody else', foreign),
  inShell('an id that is not in it', 'complete\\tnothing here'),
  inShell('a second access', 'complete\\t\\(($first'),
  inShell('a grant for somebody else', 'person\\tthe records'),
  inShell('a request that was made twice', 'complete\\trequest'),
  inShell('a grant that nobody approved', 'approval\\tgrant \\($g.grant) names'),
  inShell('an approver without a proof', 'approval\\tgrant \\($g.grant) does'),
  inShell('an approval of their own request, under another login', 'approval\\t\\($a.claim) approved their own'),
  inShell('no review', 'complete\\tthe review'),
  inShell('a review of another request text', 'complete\\tthe review'),
  inShell('a review that denies', 'complete\\tthe review'),
  inShell('a review by somebody else', 'complete\\tthe review'),
  inShell('a review twice', 'complete\\tthe review'),
  inShell('no end of the grant', 'complete\\tthe end of grant'),
  inShell('two ends of the grant', 'complete\\tthe end of grant'),
  inShell('a connection under no grant', 'complete\\tconnection \\($c.connection) is under'),
  inShell('no end of the connection', 'complete\\tthe end of connection'),
  inShell('two ends of the connection', 'complete\\tthe end of connection'),
  inShell('a connection of somebody else', 'person\\tconnection'),
  inShell('a connection that ended before it began', 'complete\\tconnection \\($c.connection) ended'),
  inShell('a connection without its beginning', foreign, 'complete\\trecord'),
  inShell('a grant before its request', 'order\\tgrant'),
  inShell('a connection before its grant', 'order\\tconnection'),
  inShell('one that should have been over', 'complete\\tthe access should'),
  inShell('a policy that was not in force any more', 'foreign\\ta policy'),
  ...['a request of which nothing came', 'a request that was granted and denied', 'a grant without its request'].map(
    (test) => inShell(test, 'complete\\t\\($what)'),
  ),

  inPython('a record of another grant', 'foreign'),
  inPython('a sign-in of somebody else', 'another person'),
  inPython('an id that is not in it', 'foreign'),
  inPython('a second access', 'what begins'),
  inPython('a grant for somebody else', 'another person'),
  inPython('a request that was made twice', 'what begins'),
  inPython('a request of which nothing came', ends),
  inPython('a request that was granted and denied', ends),
  inPython('a grant without its request', 'its request'),
  inPython('a grant that nobody approved', 'nobody approved'),
  inPython('an approver without a proof', 'proofs of the approvers'),
  inPython('an approval of their own request, under another login', 'approved by themselves'),
  inPython('no review', 'review'),
  inPython('a review twice', 'review'),
  inPython('no end of the grant', 'ends of grants'),
  inPython('two ends of the grant', 'ends of grants'),
  inPython('a connection under no grant', 'a connection without a grant'),
  inPython('no end of the connection', 'end of a connection'),
  inPython('two ends of the connection', 'end of a connection'),
  inPython('a connection of somebody else', 'another person'),
  inPython('a connection that ended before it began', 'an end before the beginning'),
  inPython('a connection without its beginning', 'foreign'),
  inPython('a grant before its request', 'its request'),
  inPython('a connection before its grant', 'a connection before its grant'),
  inPython('one that should have been over', 'it should have been over'),
  inPython('a policy that was not in force any more', 'a policy of before'),
  inPython('a policy that was changed', 'policy'),
  inPython('a policy without its last part', 'a part of a policy'),
  inPython('a policy without its first part', 'a part of a policy'),

  {
    what: 'a policy that was changed (verify.sh)',
    in: 'tests/contract/evidence-story.test.ts',
    test: 'is refused by both a policy that was changed',
    mutations: [{ file: sh, piece: 'bad policy "the text', becomes: 'note policy "the text' }],
  },
  ...['last', 'first'].map((part) => ({
    what: `a policy without its ${part} part (verify.sh)`,
    in: 'tests/contract/evidence-story.test.ts',
    test: `is refused by both a policy without its ${part} part`,
    mutations: [{ file: sh, piece: 'bad policy "a part', becomes: 'note policy "a part' }],
  })),
];
