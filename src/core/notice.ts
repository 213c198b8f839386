// The text of notices: one headline and its facts, the same for every receiver.
//
// 1. Whatever a person wrote is a fact with a label and never part of a headline's sentence, and is filtered (law 9). Attack: a reason
//    that reads like a sentence of ours.
// 2. Nothing in a notice approves by itself: an approval link needs a sign-in of somebody who may review, and a warning stands beside
//    it. Attack or accident: whoever reads, forwards or previews a notice approves.
import type { Values } from './events/field.ts';
import type { noticeFields } from './events/notice-fields.ts';
import { sanitizeLine } from './text.ts';

export const noticeEvents = [
  'signed-in',
  'requested',
  'reviewed',
  'withdrawn',
  'lapsed',
  'unanswered',
  'link-refused',
  'granted',
  'extended',
  'ten-minutes-left',
  'ended',
  'revoked',
  'locked',
  'unlocked',
  'break-glass',
  'guard-failed',
] as const;

export type NoticeEvent = (typeof noticeEvents)[number];

/** What a notice is about. Instants and durations are text already. */
export interface Notice extends Values<typeof noticeFields> {
  readonly event: NoticeEvent;
  readonly host: string;
}

/** The warning beside every approval link: a sign-in must never be mistaken for an approval, or the reverse (RFC 8628 section 5.4). */
export const linkWarning =
  'Opening this link and signing in APPROVES the request. Do it only if you mean to, and only from this notice.';

const secretFields: readonly string[] = ['link', 'code'] satisfies (keyof Notice)[];

/** The notice without link and code, for log and journal (law 11). */
export function withoutLink(notice: Notice): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(notice).filter(([name]) => !secretFields.includes(name)));
}

const wordLimit = 120;
const factLimit = 500;
/** The longest link that adapters/oidc-device.ts accepts; a link that is cut would not work. */
const linkLimit = 1024;
const word = (text: string | undefined): string => sanitizeLine(text ?? '?', wordLimit);

const headlines: Readonly<Record<NoticeEvent, (notice: Notice) => string>> = {
  'signed-in': ({ login, host, from }) => `A new sign-in as ${word(login)} on ${word(host)}, from ${word(from)}`,
  requested: ({ login, session, host, for: long, extends: prolonged }) =>
    prolonged === undefined
      ? `${word(login)} asks for ${word(session)} on ${word(host)}, ${word(long)}`
      : `${word(login)} asks for ${word(long)} more in ${word(session)} on ${word(host)}`,
  reviewed: ({ by, verdict, request, session, host }) =>
    `${word(by)}: ${word(verdict)} request ${word(request)} for ${word(session)} on ${word(host)}`,
  'link-refused': ({ by, request, session, host, why }) =>
    `The approval link of ${word(request)} for ${word(session)} on ${word(host)} was refused to ${word(by)}: ${word(why)}`,
  withdrawn: ({ login, request, session, host }) =>
    `The request ${word(request)} of ${word(login)} for ${word(session)} on ${word(host)} was withdrawn`,
  lapsed: ({ login, request, session, host, why }) =>
    `The request ${word(request)} of ${word(login)} for ${word(session)} on ${word(host)} lapsed: ${word(why)}`,
  unanswered: ({ login, request, session, host }) =>
    `Nobody answered the request ${word(request)} of ${word(login)} for ${word(session)} on ${word(host)}`,
  granted: ({ login, session, host, until, auto }) =>
    `${word(login)} may attach to ${word(session)} on ${word(host)} until ${word(until)}${auto === undefined ? '' : `, auto-approved by rule ${word(auto)}`}`,
  extended: ({ login, session, host, until }) =>
    `${word(login)} may stay in ${word(session)} on ${word(host)} until ${word(until)}`,
  'ten-minutes-left': ({ login, session, host }) =>
    `10 minutes left for ${word(login)} in ${word(session)} on ${word(host)}`,
  ended: ({ login, session, host, why }) =>
    `The window of ${word(login)} in ${word(session)} on ${word(host)} is over (${word(why)})`,
  revoked: ({ login, session, host }) =>
    `The access of ${word(login)} to ${word(session)} on ${word(host)} was revoked`,
  locked: ({ login, by, host }) => `${whom(login)} was locked out of ${word(host)} by ${word(by)}`,
  unlocked: ({ login, by, host }) => `The lock of ${whom(login)} was lifted on ${word(host)} by ${word(by)}`,
  'break-glass': ({ login, session, host }) =>
    `BREAK-GLASS: ${word(login)} went into ${word(session)} on ${word(host)}`,
  'guard-failed': ({ host, why }) => `A guard of ${word(host)} failed: ${word(why)}`,
};

/** Notices after which a request needs no answer any more. */
const ends: ReadonlySet<NoticeEvent> = new Set([
  ...(['reviewed', 'granted', 'extended', 'withdrawn', 'lapsed', 'unanswered'] as const),
]);

/** Whether a receiver can close the incident that it opened for a request. */
export function endsRequest({ event }: Notice): boolean {
  return ends.has(event);
}

const whom = (login: string | undefined): string => (login === '*' ? 'everyone' : word(login));

/** The notice in one sentence, short enough for a phone's screen. */
export function headline(notice: Notice): string {
  return headlines[notice.event](notice);
}

const labels = {
  login: 'Who',
  identity: 'Identity',
  from: 'From (claimed)',
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
  approvers: 'Approvers',
  approve: 'To approve',
  link: 'Approve by link',
  code: 'Code at the link',
  linkEnds: 'The link ends',
  warning: 'Beware',
  heldBack: 'Held back',
} as const satisfies Partial<Record<keyof Notice, string>>;

/** Label and filtered text of each fact of a notice, in a fixed order. */
export function facts(notice: Notice): readonly (readonly [label: string, text: string])[] {
  return Object.entries(labels).flatMap(([key, label]) => {
    const value = notice[key as keyof typeof labels];
    return value === undefined ? [] : [[label, sanitizeLine(value, key === 'link' ? linkLimit : factLimit)] as const];
  });
}

const told: ReadonlySet<NoticeEvent> = new Set(['signed-in', 'revoked', 'ended', 'granted', 'extended']);

/** The mail address of the person whom a notice is about, if they are to get it too and their claim is an address. */
export function personTold({ event, identity }: Notice): string | undefined {
  return told.has(event) && identity !== undefined && /^[^\s@,;<>"]{1,64}@[^\s@,;<>"]{1,255}$/.test(identity)
    ? identity
    : undefined;
}

/** How urgently somebody should read the notice. */
export function urgency({ event, auto }: Notice): 'info' | 'warning' | 'critical' {
  if (event === 'guard-failed' || event === 'locked' || event === 'break-glass') return 'critical';
  const warns = event === 'requested' || event === 'revoked' || event === 'link-refused' || auto !== undefined;
  return warns ? 'warning' : 'info';
}
