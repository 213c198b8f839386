// What a notice holds, whom it is for and how urgent it is. Its text is in messages/notices.ts.
import type { Values } from './events/field.ts';
import type { noticeFields } from './events/notice-fields.ts';

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
  'guard-holds',
] as const;

export type NoticeEvent = (typeof noticeEvents)[number];

/** What a notice is about. Instants and durations are text already. */
export interface Notice extends Values<typeof noticeFields> {
  readonly event: NoticeEvent;
  readonly host: string;
}

const secretFields: readonly string[] = ['link', 'code'] satisfies (keyof Notice)[];

/** The notice without link and code, for log and journal (law 11). */
export function withoutLink(notice: Notice): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(notice).filter(([name]) => !secretFields.includes(name)));
}

/** Notices after which a request needs no answer any more. */
const ends: ReadonlySet<NoticeEvent> = new Set([
  ...(['reviewed', 'granted', 'extended', 'withdrawn', 'lapsed', 'unanswered'] as const),
]);

/** Whether a receiver can close the incident that it opened for a request. */
export function endsRequest({ event }: Notice): boolean {
  return ends.has(event);
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
