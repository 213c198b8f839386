// The types with which this folder describes events and their fields, and the values that `journal.write` takes for them.

/** The kind of a field's value, as docs/events.md calls it. */
export type FieldType =
  | 'text'
  | 'id'
  | 'SHA-256, hex'
  | 'number'
  | 'instant, ms'
  | 'instant, text'
  | 'duration, ms'
  | 'duration, text'
  | 'true or false'
  | 'one of'
  | 'list'
  | 'group'
  | 'notice';

declare const holds: unique symbol;

export interface Field<T> {
  readonly type: FieldType;
  readonly about: string;
  /** Whether the field may be missing. */
  readonly optional?: true;
  /** The possible values of a field of the kind `one of`. */
  readonly words?: readonly string[];
  /** The items of a list. */
  readonly item?: Field<unknown>;
  /** The fields of a group. */
  readonly parts?: Fields;
  /** Whether it may be null. */
  readonly nullable?: true;
  /** The type of its value, for the compiler alone. */
  readonly [holds]?: T;
}

export interface OptionalField<T> extends Field<T> {
  readonly optional: true;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

type ValueOf<F> = F extends Field<infer T> ? T : never;

/** The values of fields: what `journal.write` takes. A value that is undefined is not written. */
export type Values<F extends Fields> = {
  readonly [K in keyof F as F[K] extends OptionalField<unknown> ? never : K]: ValueOf<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends OptionalField<unknown> ? K : never]?: ValueOf<F[K]> | undefined;
};

/** An event of the journal. */
export interface EventSpec<F extends Fields = Fields> {
  /** What happened, and when the record is written. */
  readonly about: string;
  readonly fields: F;
}

export function event<F extends Fields>(about: string, fields: F): EventSpec<F> {
  return { about, fields };
}

const plain =
  <T>(type: FieldType): ((about: string) => Field<T>) =>
  (about) => ({ type, about });

export const text = plain<string>('text');
export const id = plain<string>('id');
export const sha256 = plain<string>('SHA-256, hex');
export const number = plain<number>('number');
/** Milliseconds since 1970, UTC. */
export const instantMs = plain<number>('instant, ms');
/** As `formatInstant` of core/time.ts writes it. */
export const instantText = plain<string>('instant, text');
export const durationMs = plain<number>('duration, ms');
/** As `formatDuration` of core/time.ts writes it. */
export const durationText = plain<string>('duration, text');
export const flag = plain<boolean>('true or false');
/** A notice without its link and its code: events/notice-fields.ts. */
export const notice = plain<Readonly<Record<string, unknown>>>('notice');
/** A thrown value, of which the record has the message. */
export const error = plain<unknown>('text');

export function oneOf<const W extends readonly string[]>(about: string, words: W): Field<W[number]> {
  return { type: 'one of', about, words };
}

export function list<T>(about: string, item: Field<T>): Field<readonly T[]> {
  return { type: 'list', about, item };
}

export function group<F extends Fields>(about: string, parts: F): Field<Values<F>> {
  return { type: 'group', about, parts };
}

export function optional<T>(field: Field<T>): OptionalField<T> {
  return { ...field, optional: true };
}

export function nullable<T>(field: Field<T>): Field<T | null> {
  return { ...field, nullable: true };
}
