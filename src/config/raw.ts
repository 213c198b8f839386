// How rules read the document before the schema has checked it; they ignore values of a wrong type, which the schema reports.
import type { Finding } from './problem.ts';

/** What the rules need besides the document. */
export interface RuleOptions {
  /** Names that no session may have, since they mean something else after `ssh host`. */
  readonly reservedNames: ReadonlySet<string>;
}

/** A check across several keys. */
export interface Rule {
  readonly name: string;
  check(raw: unknown, options: RuleOptions): readonly Finding[];
}

/** The value under these keys; undefined when there is none. Only an object's own keys count. */
export function at(raw: unknown, ...keys: readonly string[]): unknown {
  let value = raw;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/** The entries of the mapping under a key; none when it is not a mapping. */
export function entries(raw: unknown, key: string): readonly [string, unknown][] {
  const value = at(raw, key);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
