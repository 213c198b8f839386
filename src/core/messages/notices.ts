// The text of notices: one headline and its facts, the same for every receiver.
//
// 1. Whatever a person wrote is a fact with a label and never part of a headline's sentence, and is filtered (law 9). Attack: a reason
//    that reads like a sentence of ours.
// 2. Nothing in a notice approves by itself: an approval link needs a sign-in of somebody who may review, and a warning stands beside
//    it. Attack or accident: whoever reads, forwards or previews a notice approves.
import { didVerdict } from './listings.ts';
import type { Notice, NoticeEvent } from '../notice.ts';
import { sanitizeLine } from '../text.ts';

/** The warning beside every approval link: a sign-in must never be mistaken for an approval, or the reverse (RFC 8628 section 5.4). */
export const linkWarning =
  'Opening this link and signing in APPROVES the request. Do it only if you mean to, and only from this notice.';

/** The text of a button, which must be short. */
export const opensToApprove = 'Open to APPROVE';

/** How a review was given. */
export const byApprovalLink = 'by approval link';

/** Where a sign-in came from, if not from an address. */
export const anApprovalLink = 'an approval link';

/** Who opened an approval link, if they did not sign in. */
export const somebodyUnproved = 'somebody who did not sign in';

/** Says that further notices about a login are held back. @param login is filtered by `facts` */
export const heldBack = (login: string, until: string): string =>
  `further notices like this one from ${login}, until ${until}`;

/** The subject of a mail. */
export const subject = (headlineOfNotice: string): string => `[tmux-gate] ${headlineOfNotice}`;

/** Why a notice was given up, in the journal. */
export const notSent = {
  keeperStops: 'the keeper stopped before it was sent',
  tooManyWait: (count: number): string => `${count} notices wait to be sent already`,
};

const wordLimit = 120;
const factLimit = 500;
/** The longest link that adapters/oidc-device.ts accepts; a link that is cut would not work. */
const linkLimit = 1024;
const word = (text: string | undefined): string => sanitizeLine(text ?? '?', wordLimit);

const whom = (login: string | undefined): string => (login === '*' ? 'everyone' : word(login));

const headlines: Readonly<Record<NoticeEvent, (notice: Notice) => string>> = {
  'signed-in': ({ login, host, from }) => `${word(login)} signed in on ${word(host)}, from ${word(from)}`,
  requested: ({ login, session, host, for: long, extends: prolonged }) =>
    prolonged === undefined
      ? `${word(login)} asks for ${word(session)} on ${word(host)} for ${word(long)}`
      : `${word(login)} asks for ${word(long)} more in ${word(session)} on ${word(host)}`,
  reviewed: ({ by, verdict, request, session, host }) =>
    `${word(by)} ${didVerdict(word(verdict))} request ${word(request)} for ${word(session)} on ${word(host)}`,
  'link-refused': ({ by, request, session, host, why }) =>
    `${word(by)} could not approve request ${word(request)} for ${word(session)} on ${word(host)} by link: ${word(why)}`,
  withdrawn: ({ login, request, session, host }) =>
    `Request ${word(request)} of ${word(login)} for ${word(session)} on ${word(host)} was withdrawn`,
  lapsed: ({ login, request, session, host, why }) =>
    `Request ${word(request)} of ${word(login)} for ${word(session)} on ${word(host)} can no longer be granted: ${word(why)}`,
  unanswered: ({ login, request, session, host }) =>
    `Nobody answered request ${word(request)} of ${word(login)} for ${word(session)} on ${word(host)}`,
  granted: ({ login, session, host, until, auto }) =>
    `${word(login)} can now use ${word(session)} on ${word(host)} until ${word(until)}${auto === undefined ? '' : `, auto-approved by rule ${word(auto)}`}`,
  extended: ({ login, session, host, until }) =>
    `${word(login)} can use ${word(session)} on ${word(host)} longer, until ${word(until)}`,
  'ten-minutes-left': ({ login, session, host }) =>
    `10 minutes left for ${word(login)} in ${word(session)} on ${word(host)}`,
  ended: ({ login, session, host, why }) =>
    `The access of ${word(login)} to ${word(session)} on ${word(host)} has ended (${word(why)})`,
  revoked: ({ login, session, host }) =>
    `The access of ${word(login)} to ${word(session)} on ${word(host)} was revoked`,
  locked: ({ login, by, host }) => `${word(by)} locked ${whom(login)} out of ${word(host)}`,
  unlocked: ({ login, by, host }) => `${word(by)} unlocked ${whom(login)} on ${word(host)}`,
  'break-glass': ({ login, session, host }) =>
    `BREAK-GLASS: ${word(login)} entered ${word(session)} on ${word(host)} without an approval`,
  'guard-failed': ({ host, why }) => `tmux-gate on ${word(host)} has a fault: ${word(why)}`,
  'guard-holds': ({ host, why }) => `tmux-gate on ${word(host)}: ${word(why)}`,
};

/** The notice in one sentence, short enough for a phone's screen. */
export function headline(notice: Notice): string {
  return headlines[notice.event](notice);
}

const labels = {
  login: 'Who',
  identity: 'Identity',
  from: 'From (unverified)',
  session: 'Session',
  account: 'As',
  reason: 'Reason',
  mode: 'Mode',
  for: 'For',
  verdict: 'Verdict',
  by: 'By',
  auto: 'Auto-approved by rule',
  why: 'Why',
  until: 'Until',
  request: 'Request',
  extends: 'Extends',
  how: 'How',
  approvers: 'Needs',
  approve: 'To approve',
  link: 'Approve by link',
  code: 'Code for the link',
  linkEnds: 'Link expires',
  warning: 'Warning',
  heldBack: 'Held back',
} as const satisfies Partial<Record<keyof Notice, string>>;

/** Label and filtered text of each fact of a notice, in a fixed order. */
export function facts(notice: Notice): readonly (readonly [label: string, text: string])[] {
  return Object.entries(labels).flatMap(([key, label]) => {
    const value = notice[key as keyof typeof labels];
    return value === undefined ? [] : [[label, sanitizeLine(value, key === 'link' ? linkLimit : factLimit)] as const];
  });
}
