// A record of the journal as it is read: its fields may be anything.

/** A record, or an object in it. */
export type Entry = Readonly<Record<string, unknown>>;

/** A field of a record that is text; undefined when it is not there, or something else. */
export const textOf = (entry: unknown, name: string): string | undefined => {
  const value = typeof entry === 'object' && entry !== null ? (entry as Entry)[name] : undefined;
  return typeof value === 'string' ? value : undefined;
};
