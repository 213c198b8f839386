// What each refusal means, for an admin who looks it up in docs/refusals.md.
import type { RefusalCode } from '../../src/core/refusals.ts';

type Meanings = Readonly<Partial<Record<RefusalCode, string>>>;

const gate = {
  KEEPER_DOWN: 'The keeper is not running, or it closed the conversation. Nothing was opened. Live connections run on.',
  PROTOCOL:
    'Gate and keeper are of different versions, or one sent what the other does not know. Usual after an update without a restart.',
  INTERNAL: 'A fault of tmux-gate. Nothing was opened; the log has the cause.',
  NOT_BY_SUDO:
    'The caller is not the sudo rule of `deploy/sudoers`, or is not root where root is needed. Somebody started the program by hand.',
  CANCELLED:
    'The person left by q, Ctrl-C or Ctrl-D, or their connection was lost. A waiting request is withdrawn by a key alone.',
  RECORDING_DOWN:
    'The recording could not be opened. When it fails during a session, the connection ends and the exit code is 74. Whoever is on call is told.',
  ATTACH_FAILED: 'The tmux client ended with an error. The session may have been ended from inside.',
} as const satisfies Meanings;

const conversation = {
  NO_PTY: 'Attaching was asked for without `-t`, or from a script.',
  SSH_ONLY:
    'Root asked on the host itself for what attaches, such as `tmux-gate break-glass prod-db`. No code was asked for or used.',
  NO_TERMINAL: '`watch` was asked for without a terminal, or on one that cannot move its cursor.',
  POOR_TERMINAL: 'The terminal has a terminfo entry on this host, and tmux cannot draw with it.',
  NOT_A_VERB: 'Somebody tried to run a command. Nothing was run.',
  UNKNOWN_VERB: 'The word is close to the name of a verb, so it was mistyped.',
  NO_FILES: 'scp, sftp, rsync, git or mosh was tried. None of them works here.',
  BAD_COMMAND: 'A verb was named with words or options that it does not take. The sentence names the problem.',
  COMMAND_TOO_LONG: 'The whole command is longer than the gate reads. Usually the reason is.',
  BUSY: 'A limit was reached: visits of this login or of this host, dashboards, or answers of `history`. Others are not affected by the limit of one login.',
  LOGIN_MISMATCH:
    'What sudo says of the caller, and what the kernel says (loginuid), name different accounts. Usual after `su` in between.',
  UNKNOWN_LOGIN: 'The account is not there, or the directory did not answer within two seconds.',
  LOGIN_NAME:
    'Names as `useradd` takes them, also with `@domain` behind, can be gated: up to 64 characters in all. See [logins.md](logins.md).',
  INSECURE_HOME:
    'A login that can write to its home could change what runs before the gate. See [logins.md](logins.md).',
  NOT_GATED:
    'sudo does not name this login now, although the connection reached the gate. The group was left, or sudo cannot be asked.',
  SESSION_FULL: '`max_connections` of the session is reached, viewers included.',
  RC_SHELL: 'Shells such as bash and zsh read files of the login first. See [logins.md](logins.md).',
} as const satisfies Meanings;

const identity = {
  PROVIDER_DOWN:
    'The provider did not answer, or not as OpenID Connect says. `tmux-gate status` (root) and the log say which.',
  NO_DEVICE_FLOW: 'The provider has no device endpoint, or this client may not use it.',
  SIGN_IN_DENIED: 'The person, or a rule of the provider, said no.',
  SIGN_IN_EXPIRED: 'A code lives five minutes at most. The provider may also have forgotten it.',
  SIGN_IN_OVER: 'A refresh at the provider was refused: the account was disabled or its sessions were ended there.',
  MANY_SIGN_INS: 'At most that many codes of one login are open at once, so that nobody floods the provider.',
  TOKEN_REFUSED:
    'Signature, issuer, audience, times or a claim of the ID token are not right, or the token is older than what it should prove.',
  GROUPS_OVERAGE:
    'The provider left the groups out because there are too many (Entra ID does). Without groups nobody is let in.',
  NOT_THIS_LOGIN:
    'The claim does not map to the login by `oidc.claims.login`. The code may have been completed by somebody else.',
  PIN_MISMATCH:
    'The login was first used by another issuer and subject. A name that was given to a new person looks like this, and so does an attack.',
} as const satisfies Meanings;

const request = {
  UNKNOWN_SESSION: 'The policy has no session of that name.',
  NO_SESSION: 'No session names a group of this person in `who`.',
  NOT_ALLOWED: 'The person is in none of the groups in `who` of the session.',
  BAD_WINDOW: 'The time could not be read, three times.',
  WINDOW_TOO_LONG:
    'More than `window.max`, or more than what is left of it for an extension, or a review that would lengthen what was asked for.',
  BAD_REASON: 'The reason does not match `reason.pattern`, or the pattern took too long.',
  UNSEEN_REASON: 'Control, format or separator characters were in it, often from a copied text.',
  LONG_REASON: 'Reasons are shown whole to whoever approves, so they have a limit.',
  DENIED: 'One denial ends a request.',
  NO_ANSWER: '`request.answer_within` is over, or the request is not there any more.',
} as const satisfies Meanings;

const review = {
  NO_SUCH_REQUEST: 'No request of that id is in the store. It may be over for long, or mistyped.',
  REQUEST_OVER: 'The request was answered, withdrawn or lapsed before this review counted.',
  REQUEST_FORGED:
    'The request has no valid signature of a known host, or it changed between showing and signing. Look for who can write to Redis.',
  SELF_REVIEW: 'The login or the identity is that of whoever asked, or of whoever used break-glass.',
  NOT_APPROVER: 'The person is in no group of `approvers` and not on call now.',
  ALREADY_REVIEWED: 'A review of this person counts once.',
  REASON_NEEDED: 'The requester reads why.',
  NO_SUCH_GRANT: 'No live grant has that id, or, without an id, the caller holds none. Root holds none either.',
  EXTENSION_LATE: 'What has ended is not extended.',
  NOT_YOURS: 'The verb is for the owner of the grant, for people who may approve, or for root.',
  LOCAL_ONLY: 'The verb is for root on the host, and was typed over ssh or by somebody who is not root.',
  NEEDS_A_PERSON: 'A review or an extension on the host needs somebody behind sudo whom the kernel knows (loginuid).',
} as const satisfies Meanings;

const host = {
  REDIS_DOWN: 'Redis does not answer, or not in time. Break-glass works meanwhile; live connections run on.',
  CLOCK_SKEW: 'More than five seconds between this host and Redis. No grant is made until they agree.',
  JOURNAL_DOWN: 'What cannot be written down does not happen. Live connections run on.',
  DISK_DOWN: 'A write failed because a disk is full, read-only or failing, or a quota is reached.',
  JOURNAL_CHANGED:
    'The journal was cut, rolled back, emptied or added to. See [on-call.md](on-call.md#when-the-journal-is-not-as-it-was-left).',
  CGROUP_DOWN: 'Without `cgroup.kill` nothing could be ended for sure, so nothing is started.',
  SESSION_ACCOUNT: 'The account of `run_as` is missing, or it is root or the service account.',
  SESSION_START: 'The tmux server did not start. The log has its output.',
  GRANT_OVER: 'The grant expired or was revoked between the approval and the attach.',
} as const satisfies Meanings;

const emergency = {
  LOCKED: 'The kill switch holds for this login, or for everyone.',
  NOT_LOCKED: 'There is no lock to lift.',
  OWN_LOCK: 'The login or the identity is the locked one.',
  LOCK_REASON: '`lock` was typed without `--reason`.',
  LOCK_UNKNOWN: 'No account, pin, grant, connection or lock has that name here: probably a typing error.',
  GLASS_WRONG: 'The code is wrong, used or void. The journal has `break-glass-wrong`.',
  GLASS_PAUSED: 'Five wrong codes stop the tries of that login for 15 minutes, and of no other login.',
  CHANGED_MEANWHILE:
    'While a person signed in, what they were shown (a lock, a use of break-glass, their grants) became another.',
  GLASS_UNREVIEWED: 'After each use somebody has to look at it before the next code works.',
  GLASS_FIXED: 'Access by break-glass is not extended.',
  REVIEW_REASON: '`break-glass review` was typed without `--reason`.',
} as const satisfies Meanings;

export const refusalMeanings: Readonly<Record<RefusalCode, string>> = {
  ...gate,
  ...conversation,
  ...identity,
  ...request,
  ...review,
  ...host,
  ...emergency,
};
