// Suggests the command that somebody mistyped.
import { nearest } from '../core/nearest.ts';
import { Refused } from '../core/refusal.ts';
import type { Reader } from './to-type.ts';
import { hostCommandNames, isHostCommand, specOf, verbNames } from './verbs.ts';

const overSsh = verbNames.filter((verb) => specOf(verb).local !== true);

/**
 * The refusal for a word that is not a command: LOCAL_ONLY for a command that only the host has, UNKNOWN_VERB with the nearest command.
 * @returns undefined when no command is near.
 */
export function mistyped({ host, local }: Reader, word: string | number | undefined): Refused | undefined {
  if (word === undefined) return undefined;
  if (!local && isHostCommand(String(word))) return new Refused('LOCAL_ONLY', { word, host });
  const meant = nearest(String(word), local ? [...verbNames, ...hostCommandNames] : overSsh);
  return meant === undefined ? undefined : new Refused('UNKNOWN_VERB', { word, meant, host });
}
