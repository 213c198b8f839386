// The raw document, as rules read it: what the schema refuses, they pass over.
import type { Finding } from './problem.ts';

export interface RuleOptions {
  /** Words that mean something else after `ssh host`: a session of such a name could not be reached by it. */
  readonly reservedNames: ReadonlySet<string>;
}

export interface Rule {
  readonly name: string;
  check(raw: unknown, options: RuleOptions): readonly Finding[];
}

/** The value under these keys, or undefined. Sees own keys alone. */
export function at(raw: unknown, ...keys: readonly string[]): unknown {
  let value = raw;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

export function entries(raw: unknown, key: string): readonly [string, unknown][] {
  const value = at(raw, key);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
