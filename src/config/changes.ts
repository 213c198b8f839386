// What differs between two policies, by the keys of the file, and what of it only a keeper that starts can take.
//
// 1. Keys are named and values are not: a value may be a secret, such as the address of a webhook (law 11).
// 2. What a keeper takes only at its start is found in the checked policy, not in the text: a key that was left out and is now written with
//    its standard value changes nothing.
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../core/policy-types.ts';
import type { Policy } from './load.ts';
import { formatPath, type Path } from './problem.ts';

/** A key that differs. `content`: the file that it names holds something else. */
export interface PolicyChange {
  /** Such as `sessions.prod-db.window.max`. */
  readonly key: string;
  readonly how: 'added' | 'removed' | 'changed' | 'content';
}

/** Every key that differs (rule 1), in the order of the file; none if only comments and spelling do. */
export function changesBetween(before: Policy, after: Policy): readonly PolicyChange[] {
  const keys = changedKeys(before.raw, after.raw, []);
  const isNew = ({ key }: PolicyChange): boolean => !keys.some((other) => other.key === key);
  return [...keys, ...changedFiles(before, after).filter(isNew)];
}

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Lists count as one value: their items have no names. */
function changedKeys(before: unknown, after: unknown, path: Path): readonly PolicyChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isMapping(before) && isMapping(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      changedKeys(before[key], after[key], [...path, key]),
    );
  const how = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  return [{ key: formatPath(path), how }];
}

function changedFiles(before: Policy, after: Policy): readonly PolicyChange[] {
  return Object.entries(after.named).flatMap(([key, sha256]): PolicyChange[] => {
    const known = before.named[key];
    return known === undefined || known === sha256 ? [] : [{ key, how: 'content' }];
  });
}

/** What is read once: grants have the host's name, and accounts, sockets and the connection to the store are opened by the rest. */
const fixed: readonly (readonly [key: string, of: (config: Config) => unknown])[] = [
  ['host', ({ host }) => host],
  ['service_account', ({ serviceAccount }) => serviceAccount],
  ['redis', ({ redis }) => redis],
  ['metrics', ({ metrics }) => metrics],
];

/** The keys that differ and that only a keeper that starts can take (rule 2). */
export function needsRestart(before: Policy, after: Policy): readonly string[] {
  const keys = fixed.filter(([, of]) => !isDeepStrictEqual(of(before.config), of(after.config))).map(([key]) => key);
  if (keys.includes('redis')) return keys;
  const files = changedFiles(before, after).map(({ key }) => key);
  return [...keys, ...files.filter((key) => key.startsWith('redis.'))];
}
