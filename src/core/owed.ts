// The entries of the outbox: a record that is owed to the journal is kept on disk until the journal has it (law 7). And the records that
// an entry becomes: the record of an end lists every process that was killed by pid, name, uid and age, however many (law 6).
import type { EventFields, EventName } from './events/events.ts';
import { boolean, integer, list, object, optional, text, type Shape } from './shape.ts';

/** Fields of a record of the journal. */
export type Facts = Readonly<Record<string, unknown>>;
/** A record to write to the journal. */
export type Written = readonly [event: string, fields: Facts];

const facts: Shape<Facts> = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Facts) : undefined;

const processes = list(object({ pid: integer(0), uid: integer(0), comm: text(256), ageMs: integer(-1) }), 10_000);

const goneShape = object({
  killed: processes,
  /** Processes that ended by themselves after a signal; absent where none is ever sent. */
  ended: optional(processes),
});
/** What became of the processes of a connection or session at its end. */
export type Gone = NonNullable<ReturnType<typeof goneShape>>;
type Process = Gone['killed'][number];

export const entryShape = object({
  event: text(64),
  is: facts,
  facts,
  gone: optional(goneShape),
  began: optional(text(64)),
  /** The length of the journal in bytes when the beginning was entered or, later, the end. Records of the entry come after it. */
  from: integer(0),
  /** Whether the end has begun. Before, the journal can hold no record of the end. */
  ending: boolean,
  /** When that was entered: instant, ms. */
  at: integer(0),
  redo: optional(text(64 * 1024)),
  until: optional(integer(0)),
});
/** An entry of the outbox, as its file has it; the other fields are those of `Owed`. */
export type Entry = NonNullable<ReturnType<typeof entryShape>>;

/** What an owed record and an entry have in common. An entry may be of another version, which had other events. */
export interface AnyOwed {
  readonly event: string;
  /** The fields that no other record of this event has with the same values. */
  readonly is: Facts;
  readonly facts: Facts;
  readonly gone?: Gone;
  /** Until that is known to be in the journal: the event of the record that begins it, without which nothing is owed. */
  readonly began?: string | undefined;
  /** What a starting keeper needs to do the act again (keeper/reconcile-outbox.ts). */
  readonly redo?: string;
  /** When it ends by itself: instant, ms. Absent for what has no end of its own, such as a connection. */
  readonly until?: number;
}

/** An owed record of one event, with those of its fields that are known so far. */
export type OwedOf<E extends EventName> = Omit<AnyOwed, 'event' | 'facts' | 'began'> & {
  readonly event: E;
  readonly facts: Partial<EventFields<E>>;
  readonly began?: EventName | undefined;
};

/** A record that is owed to the journal. */
export type Owed = { readonly [E in EventName]: OwedOf<E> }[EventName];

/** What identifies an owed record. */
export type Which = Pick<AnyOwed, 'event' | 'is'>;

/** A string that identifies an owed record, as a key of maps. */
export function entryKey({ event, is }: Which): string {
  return `${event} ${JSON.stringify(is)}`;
}

/** When an entry is made: whether the end begins, the length of the journal in bytes, and the instant (ms). */
interface Moment {
  readonly ending: boolean;
  readonly journalEnd: number;
  readonly now: number;
}

/**
 * Makes the entry for an owed record. Of an end that has begun, the facts and the instant that were entered first are kept, since whoever
 * enters it again, such as a starting keeper, knows less.
 * @param known the entry so far.
 */
export function entryOf(owed: AnyOwed, known: Entry | undefined, { ending, journalEnd, now }: Moment): Entry {
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

/** The entry after its beginning is known to be in the journal. */
export function hasBegun({ event, is, facts, from, ending, at, until }: Entry): Entry {
  return { event, is, facts, from, ending, at, ...(until === undefined ? {} : { until }) };
}

/** Processes of each list in one record. So many fit into its 16 KiB (adapters/journal/record.ts), even if JSON escapes all names. */
const perRecord = 40;
const follows = 'killed-too';

/** The records of an entry: its own, and `killed-too` records for the processes that do not fit into it. */
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

/** Whether a list has nothing left from this index on; the first record shows each list, even an empty one. */
const isPast = (all: readonly Process[], from: number): boolean => from > 0 && from >= all.length;

function part(all: readonly Process[], from: number): readonly Facts[] {
  return all
    .slice(from, from + perRecord)
    .map(({ pid, comm, uid, ageMs }) => ({ pid, comm, uid, ageSeconds: Math.round(ageMs / 1000) }));
}

/** Joins what two keepers, or two rounds of killing, found; each process is listed once. */
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

/** Whether a record of the journal is one that this entry owes. */
export function standsFor({ event, is }: Entry, record: Facts): boolean {
  return (record['event'] === event || (record['event'] === follows && record['of'] === event)) && isOf(is, record);
}

/** Whether a record of the journal is the one that begins this entry. */
export function isBeginning({ began, is }: Entry, record: Facts): boolean {
  return began !== undefined && record['event'] === began && isOf(is, record);
}
