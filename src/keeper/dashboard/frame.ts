// One frame of a person's dashboard: the rows that they may see. Every text that somebody wrote is filtered on its way out (law 9).
import { effectiveEnd, type LiveGrant } from '../../core/grant.ts';
import {
  connectionDetails,
  grantDetails,
  listProblem,
  requestDetails,
  reviewedBy,
} from '../../core/messages/dashboard.ts';
import { didVerdict, viewMark } from '../../core/messages/listings.ts';
import { refusal, Refused } from '../../core/refusal.ts';
import { sanitizeLine } from '../../core/text.ts';
import { formatClock, formatDuration, formatInstant } from '../../core/time.ts';
import { foldHosts } from '../../core/host-pattern.ts';
import { approveShowsAll, batchLines } from '../../core/messages/batch.ts';
import { factLines } from '../../core/messages/request.ts';
import {
  mostRows,
  type DashboardFrame,
  type DashboardPart,
  type DashboardRow,
  type PartName,
} from '../../wire/dashboard-messages.ts';
import type { Connection } from '../connections/connection.ts';
import { personName } from '../../core/person-name.ts';
import { asOne, type OneRow } from '../batches/as-one.ts';
import { shownWith } from '../batches/batch-screen.ts';
import type { ReadRequest } from '../grants/read-request.ts';
import { approvalOf } from '../render.ts';
import type { DashboardData } from './subscribers.ts';
import type { Actor } from '../identity/actor.ts';
import { brokenIn } from '../grants/read-grants.ts';
import { connectionsFor, grantsFor, requestsFor, type VisibleDeps } from '../identity/visible.ts';

export interface FrameDeps extends VisibleDeps {
  readonly liveGrants: { all(): readonly LiveGrant[] };
}

/** The result of the last key that acted. */
export interface Said {
  /** The number of that key's message. */
  readonly answered: number;
  readonly says: readonly string[];
}

/** Whose dashboard it is. */
export interface Viewer {
  readonly actor: Actor;
  readonly login: string;
}

/** The frame that this viewer sees now. */
export function frameOf(deps: FrameDeps, { actor, login }: Viewer, data: DashboardData, said: Said): DashboardFrame {
  const own = (owner: string): boolean => owner === login;
  const { requests, grants } = data;
  return {
    t: 'dashboard',
    host: deps.host,
    answered: said.answered,
    says: said.says.map((text) => sanitizeLine(text, 600)).slice(0, 8),
    parts: [
      partOf(deps, 'requests', rowsOf(seen(requests, (all) => requestsFor(deps, actor, all))), (one) =>
        requestRow(one, own),
      ),
      partOf(
        deps,
        'grants',
        seen(grants, (all) => grantsFor(deps, actor, [...all, ...brokenIn(deps)])),
        (one) => grantRow(one, own),
      ),
      partOf(deps, 'connections', { rows: connectionsFor(deps, actor) }, (one) => connectionRow(one, own)),
    ],
  };
}

type Own = (owner: string) => boolean;

interface Seen<T> {
  readonly rows: readonly T[];
  /** Why the rows of the store could not be read. */
  readonly refused?: Refused;
}

/** @param pick chooses the rows that the viewer may see, from those that could be read. */
function seen<T>(all: readonly T[] | Refused, pick: (all: readonly T[]) => readonly T[]): Seen<T> {
  return all instanceof Refused ? { rows: pick([]), refused: all } : { rows: pick(all) };
}

const rowsOf = ({ rows, ...rest }: Seen<ReadRequest>): Seen<OneRow> => ({ ...rest, rows: asOne(rows) });

function partOf<T>(
  deps: FrameDeps,
  name: PartName,
  { rows, refused }: Seen<T>,
  row: (one: T) => DashboardRow,
): DashboardPart {
  const problem = refused === undefined ? '' : problemOf(deps, refused);
  return { name, rows: rows.slice(0, mostRows).map(row), more: Math.max(0, rows.length - mostRows), problem };
}

const cell = (text: string): { readonly text: string } => ({ text: sanitizeLine(text, 200) });

function problemOf({ host }: FrameDeps, { code, names }: Refused): string {
  const { say, hint } = refusal(code, { host, ...names });
  return sanitizeLine(listProblem(say, code, hint), 600);
}

function requestRow(row: OneRow, own: Own): DashboardRow {
  const { id, facts, hosts, reads } = row;
  const { who, session, durationMs, requestedAt, answerBy, reason, extends: prolonged } = facts;
  return {
    id,
    of: id,
    own: own(who.login),
    cells: [
      cell(id),
      cell(who.login),
      cell(`${session}@${foldHosts(hosts)}${facts.mode === undefined ? '' : viewMark}`),
      cell(`${prolonged === undefined ? '' : '+'}${formatDuration(durationMs)}`),
      { since: requestedAt },
      cell(reason),
    ],
    facts: requestDetails(id, linesOf(row), {
      answerBy: formatInstant(answerBy),
      reviews: [...new Set(reads.flatMap(({ reviews }) => reviews.map(reviewSaid)))],
    }).map(short),
  };
}

const reviewSaid = ({ by, verdict }: ReadRequest['reviews'][number]): string =>
  reviewedBy(didVerdict(verdict), sanitizeLine(by.login, 64));

/** As many lines as a frame has room for (wire/dashboard-messages.ts). */
const mostLines = 10;

function linesOf({ facts, reads }: OneRow): readonly string[] {
  if (facts.batch === undefined) return factLines(facts);
  const all = reads.map((one) => one.facts);
  const lines = batchLines(shownWith({ ...facts, askedOn: facts.batch.host }, all, []));
  return lines.length <= mostLines ? lines : [...lines.slice(0, mostLines - 1), approveShowsAll];
}

function grantRow(live: LiveGrant, own: Own): DashboardRow {
  const { id, request, who, session, host, reason, start } = live.grant;
  const end = effectiveEnd(live);
  const sight = live.grant.mode === undefined ? '' : viewMark;
  const by = approvalOf(live.grant);
  return {
    id,
    of: id,
    own: own(who.login),
    cells: [cell(id), cell(who.login), cell(session + sight), { until: end }, cell(formatClock(end)), cell(by)],
    facts: grantDetails({
      ...{ id, request, who: personName(who), session: sanitizeLine(session, 32), host: sanitizeLine(host, 64) },
      ...{ reason: sanitizeLine(reason, 400), approvedBy: sanitizeLine(by, 200) },
      ...{ start: formatInstant(start), end: formatInstant(end) },
    }).map(short),
  };
}

function connectionRow({ state, end, input }: Connection, own: Own): DashboardRow {
  const { id, grant, who, session, since, address, request, reason } = state;
  return {
    id,
    of: grant,
    own: own(who.login),
    cells: [cell(id), cell(who.login), cell(session), { until: end }, { since }, cell(address), cell(grant)],
    facts: connectionDetails({
      ...{ id, who: personName(who), address: sanitizeLine(address, 64), session: sanitizeLine(session, 32) },
      ...{ input, grant, request, reason: sanitizeLine(reason, 400) },
      ...{ since: formatInstant(since), end: formatInstant(end) },
    }).map(short),
  };
}

const short = (text: string): string => text.slice(0, 700);
