// Whoever slips in the name of a command reads which one they meant.
import { nearest } from '../core/nearest.ts';
import { Refused } from '../core/refusal.ts';
import type { Reader } from './to-type.ts';
import { deskNames, isDesk, specOf, verbNames } from './verbs.ts';

const overSsh = verbNames.filter((verb) => specOf(verb).local !== true);

/** @returns the refusal that says so; undefined where nothing is near. */
export function mistyped({ host, local }: Reader, word: string | number | undefined): Refused | undefined {
  if (word === undefined) return undefined;
  if (!local && isDesk(String(word))) return new Refused('LOCAL_ONLY', { word, host });
  const meant = nearest(String(word), local ? [...verbNames, ...deskNames] : overSsh);
  return meant === undefined ? undefined : new Refused('UNKNOWN_VERB', { word, meant, host });
}
