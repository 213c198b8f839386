// A refusal's sentence and hint, with the names filled in.
import { sanitizeLine } from './text.ts';

export interface RefusalEntry {
  readonly exit: number;
  readonly say: string;
  readonly hint: string;
}

export type RefusalNames = Readonly<Record<string, string | number>>;

const nameLimit = 200;

/** Fills `{name}` places of the sentence and the hint; what is not given stays as an ellipsis. Names are filtered (law 9). */
export function fillRefusal({ exit, say, hint }: RefusalEntry, names: RefusalNames): RefusalEntry {
  const fill = (sentence: string): string =>
    sentence.replace(/\{(\w+)\}/g, (_, name: string) => sanitizeLine(String(names[name] ?? '…'), nameLimit));
  return { exit, say: fill(say), hint: fill(hint) };
}
