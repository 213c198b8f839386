// The text of a refusal, with names filled in.
import { sanitizeLine } from './text.ts';

/** Exit code, sentence for the person, and hint what to do. */
export interface RefusalEntry {
  readonly exit: number;
  readonly say: string;
  readonly hint: string;
}

/** With what it means for an admin who looks it up in docs/refusals.md. */
export interface ExplainedRefusal extends RefusalEntry {
  readonly means: string;
}

export type RefusalNames = Readonly<Record<string, string | number>>;

const nameLimit = 200;

/** Replaces `{name}` in sentence and hint by the filtered name (law 9), or by an ellipsis where none is given. */
export function fillRefusal({ exit, say, hint }: RefusalEntry, names: RefusalNames): RefusalEntry {
  const fill = (sentence: string): string =>
    sentence.replace(/\{(\w+)\}/g, (_, name: string) => sanitizeLine(String(names[name] ?? '…'), nameLimit));
  return { exit, say: fill(say), hint: fill(hint) };
}
