// All events of the journal. `journal.write` accepts no others, and docs/events.md is generated from these.
import { accessReviewEvents } from './access-review-events.ts';
import { breakGlassEvents, connectionEvents, grantEvents, sessionEvents } from './access-events.ts';
import type { EventSpec, Values } from './field.ts';
import { keeperEvents } from './keeper-events.ts';
import { noticeEvents } from './notice-events.ts';
import { recordingEvents } from './recording-events.ts';
import { readingEvents } from './reading-events.ts';
import { requestEvents } from './request-events.ts';
import { lockEvents, signInEvents } from './sign-in-events.ts';
import { witnessEvents } from './witness-events.ts';

/** By topic, as docs/events.md shows them. */
export const eventTopics = {
  'Sign-ins and refusals': signInEvents,
  'Requests and reviews': requestEvents,
  Grants: grantEvents,
  Connections: connectionEvents,
  Recordings: recordingEvents,
  'Reading recordings': readingEvents,
  Sessions: sessionEvents,
  Locks: lockEvents,
  'Break-glass': breakGlassEvents,
  'Access reviews': accessReviewEvents,
  'Notices that did not arrive': noticeEvents,
  'Journal and keeper': keeperEvents,
  Witnesses: witnessEvents,
} as const;

export const events = {
  ...signInEvents,
  ...requestEvents,
  ...grantEvents,
  ...connectionEvents,
  ...recordingEvents,
  ...readingEvents,
  ...sessionEvents,
  ...lockEvents,
  ...breakGlassEvents,
  ...accessReviewEvents,
  ...noticeEvents,
  ...keeperEvents,
  ...witnessEvents,
} as const satisfies Readonly<Record<string, EventSpec>>;

export type EventName = keyof typeof events;

/** The fields of an event, as `journal.write` takes them. */
export type EventFields<E extends EventName> = Values<(typeof events)[E]['fields']>;

/**
 * Makes the compiler refuse fields that the event does not have, however the value was made. `host` is allowed, since every record has
 * it; it is not written twice.
 */
export type NoOther<E extends EventName, F> = {
  readonly [K in Exclude<keyof F, keyof EventFields<E> | 'host'>]: never;
};
