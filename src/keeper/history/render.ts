// Prints stories: as a table for people, as CSV or JSON for programs, and never more than one answer may hold.
import { csv } from '../../core/csv.ts';
import {
  earlierConnections,
  grantedOfAsked,
  historyHead,
  noStories,
  notVerifiedMark,
  onlyNewest,
  timesAttached,
} from '../../core/messages/history.ts';
import { byRule } from '../../core/messages/listings.ts';
import { asciiJson } from '../../core/text.ts';
import { formatDuration, formatInstant, seconds } from '../../core/time.ts';
import { json, table } from '../../wire/listing.ts';
import type { HistoryQuery } from './query.ts';
import { longest, type Story } from './stories.ts';

/** What the asker reads. */
export interface HistoryAnswer {
  readonly lines: readonly string[];
  /** Printed apart from the rows: what was left out, and what does not verify. */
  readonly notes: readonly string[];
  /** Whether the whole journal verifies, but for what root has accepted; the thread says so with each answer. */
  readonly isSound?: boolean;
}

/** Characters of all rows. Even escaped, they fit into one message to a gate (wire/frames.ts). */
export const mostText = 256 * 1024;

/** Prints the newest stories that fit. @param isCut whether older stories were left out already. */
export function answerOf(stories: readonly Story[], { form, columns }: HistoryQuery, isCut: boolean): HistoryAnswer {
  const told = newestThatFit(stories);
  const cut = isCut || told.length < stories.length;
  const notes = cut ? [onlyNewest(told.length, longest)] : [];
  return { lines: linesOf(told, form, columns), notes };
}

/** Counted from the end, because the newest stories matter most. */
function newestThatFit(stories: readonly Story[]): readonly Story[] {
  let [room, first] = [mostText, stories.length];
  for (; first > 0; first -= 1) {
    room -= asciiJson(stories[first - 1]).length;
    if (room < 0) break;
  }
  return stories.slice(first);
}

function linesOf(told: readonly Story[], form: HistoryQuery['form'], columns?: number): readonly string[] {
  if (form === 'json') return [json(told.map(row))];
  if (form === 'csv') return csv(csvHead, told.map(csvCells));
  if (told.length === 0) return [noStories];
  return table(historyHead, told.map(cells), columns);
}

function row(story: Story): Readonly<Record<string, unknown>> {
  return { ...story, lastLine: undefined };
}

function cells(story: Story): readonly string[] {
  const by = reviewers(story).join(', ');
  return [
    story.request,
    formatInstant(Date.parse(story.at)).replace(' UTC', ''),
    story.login,
    story.session,
    howLong(story),
    `${story.state}${story.verified ? '' : notVerifiedMark}`,
    by === '' ? '-' : by,
    timesAttached(story.connections.length + story.earlier),
    story.reason,
  ];
}

/** The time asked for; if another was granted, that one, followed by the time asked for. */
function howLong({ durationMs, grantedMs, extends: prolonged }: Story): string {
  const sign = prolonged === undefined ? '' : '+';
  const asked = formatDuration(durationMs);
  if (grantedMs === undefined || seconds(grantedMs) === seconds(durationMs)) return sign + asked;
  return sign + grantedOfAsked(formatDuration(grantedMs), asked);
}

function reviewers({ reviews, auto }: Story): readonly string[] {
  return [...reviews.map(({ by }) => by), ...(auto === undefined ? [] : [byRule(auto)])];
}

const csvHead = [
  ...['request', 'asked', 'login', 'identity', 'session', 'seconds', 'state', 'reviews', 'grant', 'connections'],
  ...['reason', 'extends', 'granted_seconds', 'verified'],
];

function csvCells(story: Story): string[] {
  const { request, at, login, who, session, durationMs, state, reviews, auto, connections, earlier } = story;
  const reviewed = [...reviews.map(({ by, verdict }) => `${by} ${verdict}`), ...(auto ? [byRule(auto)] : [])];
  const attached = connections.map(({ from, to, why }) => `${from}/${to ?? ''} ${why ?? ''}`.trim());
  const before = earlier === 0 ? [] : [earlierConnections(earlier)];
  const { grantedMs, grant = '', reason, extends: prolonged = '', verified } = story;
  return [
    ...[request, at, login, who.claim, session, String(seconds(durationMs)), state, reviewed.join('; '), grant],
    ...[[...before, ...attached].join('; '), reason, prolonged],
    ...[grantedMs === undefined ? '' : String(seconds(grantedMs)), verified ? 'yes' : 'NO'],
  ];
}
