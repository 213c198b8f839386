// Prints the listings of an access review, in the thread of `history`. What stands in them is decided in core/access-review.
//
// 1. The digest of a listing is over its CSV, as `--csv` prints it for that session alone, whatever form was asked for. So
//    `ssh prod-box review --period 2026-Q3 --session prod-db --csv | sha256sum` gives the digest of a record, also years later.
// 2. A listing is shown whole or not at all, and what was not shown has no digest here. Attack: the rows that matter are those that were
//    cut, and somebody signs them off.
// 3. The keeper gets no more of a listing than the lines to print, and of a sign-off no more than a digest (law 12). Accident: taking over
//    what stands about thirty thousand people keeps its event loop busy.
import { Accesses } from '../../core/access-review/accesses.ts';
import type { SignOff } from '../../core/access-review/facts.ts';
import {
  csvCells,
  csvHead,
  hadAccess,
  lookedAt,
  rowsOf,
  type LookedAt,
  type Review,
  type ReviewedSession,
  type Row,
  type RowKind,
} from '../../core/access-review/listing.ts';
import { csv } from '../../core/csv.ts';
import {
  digestLine,
  listingTitle,
  lookedAtLine,
  missingLine,
  noRows,
  notLookedAt,
  notOver,
  peopleHeads,
  reviewed,
  signOffCommand,
  tooLong,
} from '../../core/messages/access-review.ts';
import { isOwn } from '../../core/identity.ts';
import { personName } from '../../core/person-name.ts';
import { asciiJson, sanitizeLine } from '../../core/text.ts';
import { formatDuration, formatInstant } from '../../core/time.ts';
import { json, table } from '../../wire/listing.ts';
import { toType } from '../../wire/to-type.ts';
import type { ReviewQuery } from './query.ts';
import type { HistoryAnswer } from './render.ts';
import type { Reading } from './reading.ts';

/** Characters of the rows of all listings, as JSON: some thirty thousand rows. */
const mostText = 4 * 1024 * 1024;

/** What a sign-off of a listing is held against. */
export interface SignedListing {
  readonly session: string;
  /** Of its CSV (rule 1), hex. */
  readonly sha256: string;
  /** The digest of the policy that is in force now; undefined where the journal has none. */
  readonly policy: string | undefined;
  /** Whether the signer had access in the period. */
  readonly isOwn: boolean;
}

export interface ReviewAnswer extends HistoryAnswer {
  /** Where somebody signs off; else none. */
  readonly listings: readonly SignedListing[];
}

/** @param sha256 of a text, hex */
export function reviewReading(query: ReviewQuery, sha256: (text: string) => string): Reading<ReviewAnswer> {
  const sessions = query.isAll ? undefined : query.sessions.map(({ name }) => name);
  const found = new Accesses({ period: query.period, sessions });
  return {
    take: (entry) => found.take(entry),
    doubt: () => undefined, // the answer says whether the journal verifies; a listing is not signed off otherwise
    answer: () => {
      found.end(query.now);
      return answerOf(query, found, sha256);
    },
  };
}

interface Printed {
  readonly session: string;
  readonly sha256: string;
  readonly policy: string | undefined;
  readonly rows: readonly Row[];
  readonly cells: readonly (readonly string[])[];
  readonly looked: LookedAt;
}

function answerOf(query: ReviewQuery, found: Accesses, sha256: (text: string) => string): ReviewAnswer {
  const { period, now, logins, host } = query;
  const review: Review = { found, period, now, logins };
  const all = [...query.sessions, ...goneSessions(query, found)].map((session): Printed => {
    const rows = rowsOf(review, session);
    const cells = rows.map((row) => csvCells([host, period.name, session.name], row));
    const digest = sha256(`${csv(csvHead, cells).join('\n')}\n`);
    const looked = lookedAt(review, session.name);
    return { session: session.name, sha256: digest, policy: found.policies.at(-1)?.sha256, rows, cells, looked };
  });
  const [shown, left] = thatFit(all);
  const notes = [
    ...(period.to > now ? [notOver(period.name, period.to)] : []),
    ...left.map(({ session }) => tooLong(session)),
  ];
  const { signer } = query;
  if (signer === undefined) return { lines: linesOf(query, shown), notes, listings: [] };
  const listings = shown.map(({ session, sha256: of, policy }) => {
    const isTheirs = hadAccess(review, session).some((who) => isOwn(signer, who.login, who));
    return { session, sha256: of, policy, isOwn: isTheirs };
  });
  return { lines: [], notes, listings };
}

/** Sessions that somebody had access to and the policy no longer has: for root, who reads all. */
function goneSessions({ isAll, sessions }: ReviewQuery, found: Accesses): readonly ReviewedSession[] {
  if (!isAll) return [];
  const known = new Set(sessions.map(({ name }) => name));
  const gone = found.sessions().filter((name) => !known.has(name));
  return gone.toSorted().map((name) => ({ name, who: [], approvers: [], count: 0, approverGroups: [], rules: [] }));
}

/** Rule 2. */
function thatFit(all: readonly Printed[]): readonly [readonly Printed[], readonly Printed[]] {
  let room = mostText;
  const fits = all.filter(({ rows }) => {
    const size = asciiJson(rows).length;
    if (size > room) return false;
    room -= size;
    return true;
  });
  return [fits, all.filter((one) => !fits.includes(one))];
}

function linesOf(query: ReviewQuery, shown: readonly Printed[]): readonly string[] {
  if (query.form === 'csv')
    return csv(
      csvHead,
      shown.flatMap(({ cells }) => cells),
    );
  if (query.form === 'json') return jsonLines(shown.map((one) => jsonOf(query, one)));
  return shown.flatMap((one, at) => [...(at === 0 ? [] : ['']), ...textOf(query, one)]);
}

/** An array over several lines, because what is sent to a gate at once is limited (wire/frames.ts). */
function jsonLines(items: readonly (readonly string[])[]): readonly string[] {
  return ['[', ...items.flatMap((lines, at) => [...(at === 0 ? [] : [',']), ...lines]), ']'];
}

/** A listing as JSON, each row a line. */
function jsonOf(
  { host, period, now }: ReviewQuery,
  { session, sha256, policy, rows, looked }: Printed,
): readonly string[] {
  const iso = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : new Date(at).toISOString();
  const facts = { host, session, period: period.name, from: iso(period.from), to: iso(period.to) };
  const signOffs = looked.by.map(({ by, at, reason, sha256: of, isOwn: own }) => ({ by, at, reason, sha256: of, own }));
  return [
    `${json({ ...facts, isOver: period.to <= now, sha256, policy }).slice(0, -1)},"rows":`,
    ...jsonLines(rows.map((row) => [json({ ...row, first: iso(row.first), last: iso(row.last) })])),
    `,${json({ signOffs, notSignedOff: looked.missing }).slice(1)}`,
  ];
}

function textOf(query: ReviewQuery, { session, sha256, rows, looked }: Printed): readonly string[] {
  const { host, period, now, columns, local } = query;
  const kinds = Object.keys(reviewed) as RowKind[];
  const command = toType(signOffCommand(host, period.name, session, sha256), { host, local });
  return [
    listingTitle(session, host, period.name),
    ...kinds.flatMap((kind) =>
      sectionOf(
        kind,
        rows.filter(({ what }) => what === kind),
        columns,
      ),
    ),
    '',
    digestLine(sha256),
    ...(looked.by.length === 0 ? [notLookedAt] : looked.by.map((one) => signOffLine(one, sha256))),
    ...(looked.missing.length === 0 ? [] : [missingLine(looked.missing)]),
    ...(period.to > now ? [] : [command]),
  ];
}

const signOffLine = (one: SignOff, sha256: string): string =>
  sanitizeLine(lookedAtLine(one, personName(one.by), sha256), 1000);

function sectionOf(kind: RowKind, rows: readonly Row[], columns: number | undefined): readonly string[] {
  const columnsOf = peopleColumns[kind];
  if (rows.length === 0) return columnsOf === undefined ? [] : ['', `${reviewed[kind]}: ${noRows}`];
  const lines =
    columnsOf === undefined ? rows.map(ruleLine) : table(columnsOf.head, rows.map(columnsOf.cells), columns);
  return ['', reviewed[kind], ...lines.map((line) => `  ${line}`)];
}

interface Columns {
  readonly head: readonly string[];
  readonly cells: (row: Row) => readonly string[];
}

const cell = (value: string | number | undefined): string =>
  value === undefined || value === '' ? '-' : String(value);
const time = (at: number | undefined): string => (at === undefined ? '-' : formatInstant(at).replace(' UTC', ''));

const whoMay: Columns = {
  head: peopleHeads.may,
  cells: ({ login, identity, by, first, last, note = '' }) => [
    ...[cell(login), cell(identity), cell(by), time(first), time(last), note],
  ],
};

/** How rows about people are shown; the others are a line each. */
const peopleColumns: Readonly<Partial<Record<RowKind, Columns>>> = {
  exception: {
    head: peopleHeads.exception,
    cells: ({ login, identity, by, grants, first, note = '' }) => [
      ...[cell(login), cell(identity), cell(by), cell(grants), time(first), note],
    ],
  },
  access: {
    head: peopleHeads.access,
    cells: ({ login, identity, by, grants, times, totalMs, first, last, note = '' }) => [
      ...[cell(login), cell(identity), cell(by), cell(grants), cell(times)],
      ...[totalMs === undefined ? '-' : formatDuration(totalMs), time(first), time(last), note],
    ],
  },
  ...{ unused: whoMay, used: whoMay, approver: whoMay },
};

function ruleLine({ by = '', first, note }: Row): string {
  const since = first === undefined ? '' : `${formatInstant(first)}  `;
  return sanitizeLine(`${since}${by}${note === undefined ? '' : `  (${note})`}`, 400);
}
