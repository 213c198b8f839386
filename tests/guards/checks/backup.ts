// What keeps a backup from whoever has no identity for it.
import { guardsIn, pieceOf, type SourceGuard } from '../../harness/source-guards.ts';

const guard = guardsIn('contract/backup-encrypted');
const backup = 'src/cli/backup.ts';

export const checks: readonly SourceGuard[] = [
  guard(
    'a backup is encrypted to its recipients',
    "Debian's age opens it with the identity of each recipient, and without one nothing of it can be read",
    pieceOf(backup, 'recipients.length === 0 ? bytes :', 'recipients.length >= 0 ? bytes :'),
  ),
  guard(
    'the refusal without an identity',
    'nothing is unpacked without an identity: that it is encrypted, and which option opens it',
    pieceOf(backup, "throw new Unreadable('encrypted'", "throw new Unreadable('damaged'"),
  ),
];
