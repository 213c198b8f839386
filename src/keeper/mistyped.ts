// Whoever slips in the name of a command reads which one they meant.
import { nearest } from '../core/nearest.ts';
import { Refused } from '../core/refusal.ts';
import { specOf, verbNames } from '../wire/verbs.ts';
import type { House } from './house.ts';

/** Typed over ssh, where they are root's on the host. */
const onTheHost: readonly (string | number)[] = ['audit', 'policy', 'doctor', 'version'];

const overSsh = verbNames.filter((verb) => specOf(verb).local !== true);

/** @returns the refusal that says so; undefined where nothing is near. */
export function mistyped({ host }: House, word: string | number | undefined): Refused | undefined {
  if (word === undefined) return undefined;
  if (onTheHost.includes(word)) return new Refused('LOCAL_ONLY', { word, host });
  const meant = nearest(String(word), overSsh);
  return meant === undefined ? undefined : new Refused('UNKNOWN_VERB', { word, meant, host });
}
