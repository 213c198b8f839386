// Remembers names, the newest of them only.

export interface Recent {
  has(name: string): boolean;
  /** A name that is there already counts as new again. */
  add(name: string): void;
}

/** @param most how many are kept */
export function openRecent(most: number): Recent {
  const names = new Set<string>();
  return {
    has: (name) => names.has(name),
    add: (name) => {
      names.delete(name);
      names.add(name);
      for (const oldest of names) if (names.size > most) names.delete(oldest);
    },
  };
}
