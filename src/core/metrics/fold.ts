// Which values of a label have a series of their own (metrics/table.ts, rules 1 and 2).

/** The value for all the rest. */
export const other = 'other';

/** Gives the value that the label gets. */
export type Fold = (value: string) => string;

/** The first `most` of these names have series of their own; by order, so that a name keeps its series. */
export function foldNames(names: readonly string[], most: number): Fold {
  const own = new Set(names.slice(0, most));
  return (value) => (own.has(value) ? value : other);
}

/**
 * Values that are there from the beginning always have series of their own, so that an alert can rely on them. Of the other known values,
 * those that come first have one, up to `most` in all.
 */
export function foldSeen(known: ReadonlySet<string>, always: readonly string[], most: number): Fold {
  const own = new Set(always);
  return (value) => {
    if (own.has(value)) return value;
    if (own.size >= most || !known.has(value)) return other;
    own.add(value);
    return value;
  };
}
