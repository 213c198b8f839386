// Refusals about reviews and grants. How they are written: refusals.ts.
import { exits } from './exits.ts';

export const reviewRefusals = {
  NO_SUCH_REQUEST: {
    exit: exits.data,
    say: 'There is no pending request "{request}".',
    hint: 'see: ssh {host} requests',
  },
  REQUEST_OVER: { exit: exits.data, say: 'Request {request} is over: {state}.', hint: 'see: ssh {host} history' },
  REQUEST_FORGED: {
    exit: exits.noperm,
    say: 'Request {request} was not written by a host of this gate.',
    hint: 'tell an admin of {host} at once: somebody writes to Redis',
  },
  SELF_REVIEW: { exit: exits.noperm, say: 'Nobody reviews their own request.', hint: 'forward it to: {groups}' },
  NOT_APPROVER: {
    exit: exits.noperm,
    say: 'You may not review requests for session {session}.',
    hint: 'it is reviewed by: {groups}',
  },
  ALREADY_REVIEWED: {
    exit: exits.data,
    say: 'You have reviewed request {request} already.',
    hint: 'see: ssh {host} requests',
  },
  REASON_NEEDED: {
    exit: exits.usage,
    say: 'A denial needs a reason.',
    hint: 'use: ssh {host} deny {request} --reason why',
  },
  NO_SUCH_GRANT: { exit: exits.data, say: 'There is no live grant {grant}.', hint: 'see: ssh {host} grants' },
  EXTENSION_LATE: {
    exit: exits.data,
    say: 'The grant that request {request} was to extend has ended.',
    hint: 'a new window is a new request: ssh -t {host} {session}',
  },
  NOT_YOURS: {
    exit: exits.noperm,
    say: 'Only its owner, an approver of its session or root may do that.',
    hint: 'see: ssh {host} whoami',
  },
  LOCAL_ONLY: {
    exit: exits.noperm,
    say: '"{word}" is for root on the host itself.',
    hint: 'on {host}: tmux-gate {word}',
  },
  NEEDS_A_PERSON: {
    exit: exits.noperm,
    say: 'That needs a person: root has no identity.',
    hint: 'log in to {host} as yourself, then sudo; or do it over ssh',
  },
} as const;
