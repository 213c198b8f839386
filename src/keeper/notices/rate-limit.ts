// Limits the notices that one login can cause (docs/design.md, "Requests and reviews"). Attack: somebody asks and withdraws all day, or
// signs in again and again, until nobody on call reads any notice.
//
// 1. Only notices that a login causes by itself are held back: never a review, a grant, an end, a lock, break-glass or a guard that failed.
// 2. The last notice before the limit says that more are held back, and until when. The journal records this too, and has a record of its
//    own for each event whose notice is held back.
import type { Notifier } from '../../adapters/notices/notify.ts';
import { heldBack } from '../../core/messages/notices.ts';
import type { Notice, NoticeEvent } from '../../core/notice.ts';
import { formatClock, minute } from '../../core/time.ts';

/** Notices of one kind from one login within `spanMs`. */
const mostEach = 30;
const spanMs = 10 * minute;

/** What a login causes by itself (rule 1). */
const ofTheirOwn: ReadonlySet<NoticeEvent> = new Set(['requested', 'signed-in']);

interface Span {
  readonly until: number;
  sent: number;
}

/** Whose notices of which event are held back, and until when (ms since the epoch). */
export interface Held {
  readonly login: string;
  readonly notices: NoticeEvent;
  readonly until: number;
}

/** A notifier that holds notices back (rules 1 and 2). @param write called once per span, before the last notice goes out. */
export function limitNotices(notifier: Notifier, now: () => number, write: (held: Held) => void): Notifier {
  const spans = new Map<string, Span>();
  const send = (notice: Notice): void => {
    const { event, login } = notice;
    if (!ofTheirOwn.has(event) || login === undefined) return notifier.send(notice);
    const { until, sent } = count(spans, `${event} ${login}`, now());
    if (sent > mostEach) return;
    if (sent < mostEach) return notifier.send(notice);
    write({ login, notices: event, until });
    notifier.send({ ...notice, heldBack: heldBack(login, formatClock(until)) });
  };
  return { ...notifier, send };
}

function count(spans: Map<string, Span>, key: string, now: number): Span {
  for (const [old, { until }] of spans) if (until <= now) spans.delete(old);
  const span = spans.get(key) ?? { until: now + spanMs, sent: 0 };
  span.sent++;
  spans.set(key, span);
  return span;
}
