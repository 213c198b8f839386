// What keeps `tmux-gate init` from locking its admin out, and from undoing what it did not make.
import { guardsIn, pieceOf, type SourceGuard } from '../../harness/source-guards.ts';

const guard = guardsIn('unit/core/setup-rules/guard');
const login = guardsIn('unit/core/setup-rules/fresh-login');
const keys = guardsIn('unit/core/setup-rules/public-keys');
const accounts = guardsIn('unit/core/setup-rules/accounts');
const change = guardsIn('contract/setup');

const decide = 'src/core/setup-rules/guard.ts';
const fresh = 'src/core/setup-rules/fresh-login.ts';
const publicKeys = 'src/core/setup-rules/public-keys.ts';
const undone = 'everything else is undone';
const before = 'a connection that was there before is refused, whatever began in it since';
const killed = 'killed (-9) before a step, everything is undone by itself';

export const checks: readonly SourceGuard[] = [
  guard('the end of the time', `${undone} late`, pieceOf(decide, 'facts.nowMs >= journal.deadlineMs', 'false')),
  guard('the boot', `${undone} reboot`, pieceOf(decide, 'facts.boot !== journal.boot', 'false')),
  guard('the life of the writer', `${undone} killed`, pieceOf(decide, '>= killedGraceMs) return', '< 0) return')),
  guard('what was begun', `${undone} begun`, pieceOf(decide, "journal.stage === 'rolling-back'", 'false')),
  login('the start of the connection', before, pieceOf(fresh, 'start > changed.changedAt', 'start > 0')),
  login('the process that accepted it', before, pieceOf(fresh, '!isFresh(one) && !one.isListening', 'false')),
  login(
    'sshd above',
    'a console, su, or tmux is no ssh login',
    pieceOf(fresh, "if (nearest === undefined) return 'no-ssh';", 'if (nearest === undefined) return undefined;'),
  ),
  login(
    'the audit session',
    'the audit session must be another one, where the kernel has one',
    pieceOf(fresh, 'session === changed.session', 'false'),
  ),
  keys(
    'the kind in the blob',
    'anything else refuses the whole malformed',
    pieceOf(publicKeys, '!startsWithKind(blob, kind)', 'false'),
  ),
  keys(
    'private keys',
    'anything else refuses the whole private',
    pieceOf(publicKeys, '.test(text)) return', ".test('')) return"),
  ),
  accounts(
    'whoever types',
    'an account of root, of an admin, of whoever types, or that somebody logs in by, is not taken',
    pieceOf('src/core/setup-rules/account-ids.ts', "if (uid === adminUid) return 'yourself';", ''),
  ),
  change(
    'the journal before the first change',
    `${killed} file /etc/tmux-gate/config.yaml`,
    pieceOf(
      'src/setup/undo.ts',
      "    case 'file':\n      return undoFile(files, id, change);",
      "    case 'file':\n      return [];",
    ),
  ),
  change(
    'the check by sshd',
    'what sshd does not accept is undone before anybody is asked',
    pieceOf('src/setup/init-plan.ts', '  await checkSshd();\n', ''),
    pieceOf('src/setup/init-plan.ts', "await tryDropIn(textOf(after) ?? '');", 'undefined;'),
  ),
];
