// A record that the journal is owed, as it stands on disk until the journal has it (law 7), and the lines it becomes: of an end with
// everything that was killed, each process by pid, name, uid and age, however many there were (law 6).
import { boolean, integer, list, object, optional, text, type Shape } from './shape.ts';

export type Facts = Readonly<Record<string, unknown>>;
/** A record of the journal: its event and its fields. */
export type Written = readonly [event: string, fields: Facts];

const facts: Shape<Facts> = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Facts) : undefined;

const processes = list(object({ pid: integer(0), uid: integer(0), comm: text(256), ageMs: integer(-1) }), 10_000);

const goneShape = object({
  killed: processes,
  /** What went by itself once it was asked; left out where nothing is ever asked. */
  ended: optional(processes),
});
export type Gone = NonNullable<ReturnType<typeof goneShape>>;
type Process = Gone['killed'][number];

export const entryShape = object({
  /** The event of the record that is owed. */
  event: text(64),
  /** The fields by which that record is told from all others of its event. */
  is: facts,
  facts,
  gone: optional(goneShape),
  /** The event of the record with which it begins, until it is certain that it has: without that record nothing is owed. */
  began: optional(text(64)),
  /** Where the journal ended before any record that belongs to it, in bytes: of its beginning, or of its end. */
  from: integer(0),
  /** Whether the end has begun: before this no record of it can be there. */
  ending: boolean,
  /** When that was: instant, milliseconds. */
  at: integer(0),
  /** What a keeper that starts needs to do the act again. */
  redo: optional(text(64 * 1024)),
  /** When it is over by itself: instant, milliseconds; left out of what is over when it is gone. */
  until: optional(integer(0)),
});
export type Entry = NonNullable<ReturnType<typeof entryShape>>;

/** A record that is owed. */
export interface Owed {
  readonly event: string;
  /** The fields by which it is told from all others of its event. */
  readonly is: Facts;
  readonly facts: Facts;
  readonly gone?: Gone;
  /** The event of the record with which it begins, until it is certain that it has. */
  readonly began?: string | undefined;
  /** What a keeper that starts needs to do the act again (keeper/reconcile-outbox.ts). */
  readonly redo?: string;
  /** When it is over by itself: instant, milliseconds; left out of what is over when it is gone. */
  readonly until?: number;
}

export type Which = Pick<Owed, 'event' | 'is'>;

/** One name for one owed record. */
export function entryKey({ event, is }: Which): string {
  return `${event} ${JSON.stringify(is)}`;
}

/** As which moment it is entered: whether its end begins, how long the journal is in bytes, and the instant. */
interface Moment {
  readonly ending: boolean;
  readonly journalEnd: number;
  readonly now: number;
}

/**
 * The entry of what is owed. What was said first of an end stays: who comes later, a keeper that starts for one, knows less.
 * @param known its entry until now.
 */
export function entryOf(owed: Owed, known: Entry | undefined, { ending, journalEnd, now }: Moment): Entry {
  const { event, is, facts, gone, began, redo, until } = owed;
  const before = known?.ending === true ? known : undefined;
  const all = withGone(before?.gone, gone);
  return {
    ...{ event, is, ending, from: before?.from ?? journalEnd, at: before?.at ?? now },
    facts: { ...facts, ...before?.facts },
    ...(all === undefined ? {} : { gone: all }),
    ...(began === undefined ? {} : { began }),
    ...(redo === undefined ? {} : { redo }),
    ...(until === undefined ? {} : { until }),
  };
}

/** The entry once it is certain that it has begun. */
export function hasBegun({ event, is, facts, from, ending, at, until }: Entry): Entry {
  return { event, is, facts, from, ending, at, ...(until === undefined ? {} : { until }) };
}

/** A record holds 16 KiB (adapters/journal-record.ts); forty of each fit, also with names that take six characters a byte. */
const perRecord = 40;
const follows = 'killed-too';

/** The record, and those called `killed-too` for the processes that do not fit into it. */
export function recordsOf({
  event,
  is,
  facts: told,
  gone,
}: Pick<Entry, 'event' | 'is' | 'facts' | 'gone'>): readonly Written[] {
  if (gone === undefined) return [[event, told]];
  const { killed, ended } = gone;
  const lists = (from: number): Facts => ({
    ...(ended === undefined || isPast(ended, from) ? {} : { ended: part(ended, from) }),
    ...(isPast(killed, from) ? {} : { killed: part(killed, from) }),
  });
  const most = Math.max(killed.length, ended?.length ?? 0);
  const rest = Array.from({ length: Math.max(0, Math.ceil(most / perRecord) - 1) }, (_, n) => (n + 1) * perRecord);
  return [
    [event, { ...told, ...lists(0) }],
    ...rest.map((from): Written => [follows, { of: event, ...is, ...lists(from) }]),
  ];
}

/** The first record shows each list, also an empty one. */
const isPast = (all: readonly Process[], from: number): boolean => from > 0 && from >= all.length;

function part(all: readonly Process[], from: number): readonly Facts[] {
  return all
    .slice(from, from + perRecord)
    .map(({ pid, comm, uid, ageMs }) => ({ pid, comm, uid, ageSeconds: Math.round(ageMs / 1000) }));
}

/** Of two lists of what went, made by two keepers or in two rounds: everything once. */
export function withGone(before: Gone | undefined, now: Gone | undefined): Gone | undefined {
  if (before === undefined || now === undefined) return now ?? before;
  const ended =
    before.ended === undefined && now.ended === undefined ? undefined : union(before.ended ?? [], now.ended ?? []);
  const killed = union(before.killed, now.killed);
  return { killed, ...(ended === undefined ? {} : { ended }) };
}

function union(before: readonly Process[], now: readonly Process[]): readonly Process[] {
  const key = ({ pid, comm }: Process): string => `${pid} ${comm}`;
  const known = new Set(now.map(key));
  return [...before.filter((one) => !known.has(key(one))), ...now];
}

const isOf = (is: Facts, record: Facts): boolean => Object.entries(is).every(([name, value]) => record[name] === value);

/** Whether a record of the journal is one of the entry's own. */
export function standsFor({ event, is }: Entry, record: Facts): boolean {
  return (record['event'] === event || (record['event'] === follows && record['of'] === event)) && isOf(is, record);
}

/** Whether a record of the journal is the one with which the entry began. */
export function isBeginning({ began, is }: Entry, record: Facts): boolean {
  return began !== undefined && record['event'] === began && isOf(is, record);
}
