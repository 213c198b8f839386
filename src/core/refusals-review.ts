// Refusals about reviews and grants. How they are written: refusals.ts.
import { exits } from './exits.ts';
import type { ExplainedRefusal } from './refusal-text.ts';

export const reviewRefusals = {
  NO_SUCH_REQUEST: {
    exit: exits.data,
    say: 'There is no pending request "{request}".',
    hint: 'see: ssh {host} requests',
    means: 'No request of that id is in the store. It may be over for long, or mistyped.',
  },
  REQUEST_OVER: {
    exit: exits.data,
    say: 'Request {request} is over: {state}.',
    hint: 'see: ssh {host} history',
    means: 'The request was answered, withdrawn or lapsed before this review counted.',
  },
  REQUEST_FORGED: {
    exit: exits.noperm,
    say: 'Request {request} was not made by a host that {host} knows, or was changed.',
    hint: 'do not approve it; tell an admin of {host} at once: somebody else writes to Redis',
    means:
      'The request has no valid signature of a known host, or it changed between showing and signing. Look for who can write to Redis.',
  },
  SELF_REVIEW: {
    exit: exits.noperm,
    say: 'You cannot approve or deny your own request.',
    hint: 'send it to: {groups}',
    means: 'The login or the identity is that of whoever asked, or of whoever used break-glass.',
  },
  NOT_APPROVER: {
    exit: exits.noperm,
    say: 'You may not review requests for session {session}.',
    hint: 'ask: {groups}',
    means: 'The person is in no group of `approvers` and not on call now.',
  },
  ALREADY_REVIEWED: {
    exit: exits.data,
    say: 'You have already reviewed request {request}.',
    hint: 'see: ssh {host} requests',
    means: 'A review of this person counts once.',
  },
  REASON_NEEDED: {
    exit: exits.usage,
    say: 'A denial needs a reason, which the requester reads.',
    hint: 'use: ssh {host} deny {request} --reason why',
    means: 'The requester reads why.',
  },
  NO_SUCH_GRANT: {
    exit: exits.data,
    say: 'There is no live grant {grant}.',
    hint: 'see: ssh {host} grants',
    means: 'No live grant has that id, or, without an id, the caller holds none. Root holds none either.',
  },
  EXTENSION_LATE: {
    exit: exits.data,
    say: 'The access that request {request} was to extend has ended.',
    hint: 'ask for new access: ssh -t {host} {session}',
    means: 'What has ended is not extended.',
  },
  NOT_YOURS: {
    exit: exits.noperm,
    say: 'You need to be an approver, the owner, or root to do that.',
    hint: 'see: ssh {host} whoami',
    means: 'The verb is for the owner of the grant, for people who may approve, or for root.',
  },
  LOCAL_ONLY: {
    exit: exits.noperm,
    say: '"{word}" is for root on the host itself.',
    hint: 'on {host}: tmux-gate {word}',
    means: 'The verb is for root on the host, and was typed over ssh or by somebody who is not root.',
  },
  NOT_REVIEWER: {
    exit: exits.noperm,
    say: 'You may not review who has access to session {session}.',
    hint: 'ask: {groups}',
    means:
      'An access review is for those who may approve for the session, and the person is in no such group and not on call now.',
  },
  PERIOD_NOT_OVER: {
    exit: exits.tempfail,
    say: 'The period {period} is not over, so nobody can sign it off.',
    hint: 'sign it off from {until} on',
    means: 'An access review is signed off when nothing of its period can change any more.',
  },
  LISTING_CHANGED: {
    exit: exits.data,
    say: 'The listing of session {session} is not the one with that SHA-256 any more.',
    hint: 'look again: ssh {host} review --period {period} --session {session}',
    means:
      'Since somebody looked, a sign-in, a review of break-glass, a pin or the policy changed what is listed; or another period, session or host was looked at. Nothing was signed off.',
  },
  JOURNAL_DOUBTFUL: {
    exit: exits.data,
    say: 'The journal of {host} was changed, so nothing is signed off from it.',
    hint: 'tell an admin of {host}; as root: tmux-gate audit verify',
    means: 'The journal does not verify, so its listing may be false. `audit verify` names the records.',
  },
  NEEDS_A_PERSON: {
    exit: exits.noperm,
    say: 'root cannot do that: it needs a person who signs in.',
    hint: 'log in to {host} as yourself, then sudo; or do it over ssh',
    means: 'A review or an extension on the host needs somebody behind sudo whom the kernel knows (loginuid).',
  },
} as const satisfies Readonly<Record<string, ExplainedRefusal>>;
