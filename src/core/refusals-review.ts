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
    say: 'Request {request} was not written by a host of this gate.',
    hint: 'tell an admin of {host} at once: somebody writes to Redis',
    means:
      'The request has no valid signature of a known host, or it changed between showing and signing. Look for who can write to Redis.',
  },
  SELF_REVIEW: {
    exit: exits.noperm,
    say: 'Nobody reviews their own request.',
    hint: 'forward it to: {groups}',
    means: 'The login or the identity is that of whoever asked, or of whoever used break-glass.',
  },
  NOT_APPROVER: {
    exit: exits.noperm,
    say: 'You may not review requests for session {session}.',
    hint: 'it is reviewed by: {groups}',
    means: 'The person is in no group of `approvers` and not on call now.',
  },
  ALREADY_REVIEWED: {
    exit: exits.data,
    say: 'You have reviewed request {request} already.',
    hint: 'see: ssh {host} requests',
    means: 'A review of this person counts once.',
  },
  REASON_NEEDED: {
    exit: exits.usage,
    say: 'A denial needs a reason.',
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
    say: 'The grant that request {request} was to extend has ended.',
    hint: 'a new window is a new request: ssh -t {host} {session}',
    means: 'What has ended is not extended.',
  },
  NOT_YOURS: {
    exit: exits.noperm,
    say: 'Only its owner, an approver of its session or root may do that.',
    hint: 'see: ssh {host} whoami',
    means: 'The verb is for the owner of the grant, for people who may approve, or for root.',
  },
  LOCAL_ONLY: {
    exit: exits.noperm,
    say: '"{word}" is for root on the host itself.',
    hint: 'on {host}: tmux-gate {word}',
    means: 'The verb is for root on the host, and was typed over ssh or by somebody who is not root.',
  },
  NEEDS_A_PERSON: {
    exit: exits.noperm,
    say: 'That needs a person: root has no identity.',
    hint: 'log in to {host} as yourself, then sudo; or do it over ssh',
    means: 'A review or an extension on the host needs somebody behind sudo whom the kernel knows (loginuid).',
  },
} as const satisfies Readonly<Record<string, ExplainedRefusal>>;
