// The policy in the journal: its whole text and digest, so that a decision can be held against the rules that were in force.
//
// 1. A text that is longer than a record becomes several records, in order, and nothing of it is shortened. Whoever joins the parts has the
//    text, character by character, and its digest. Accident: a rule that granted an access was in the part that was cut.
import { asciiJson } from './text.ts';

/** So long may a part be as JSON in ASCII: with the other fields it fits into a record (adapters/journal/record.ts). */
const partLimit = 12_000;
/** One character takes at most two escapes of six characters. */
const mostEach = 12;

/** The parts of a text (rule 1); of an empty one, one empty part. No character is halved. */
export function partsOf(text: string, limit = partLimit): readonly string[] {
  const parts: string[] = [];
  let [part, length] = ['', 0];
  for (const character of text) {
    const size = asciiJson(character).length - 2;
    if (length + size > Math.max(limit, mostEach)) {
      parts.push(part);
      [part, length] = ['', 0];
    }
    part += character;
    length += size;
  }
  return [...parts, part];
}

export interface PolicyPart {
  readonly sha256: string;
  readonly part: number;
  readonly parts: number;
  readonly text: string;
  readonly why: 'start' | 'reload';
}

/** What the records of a policy hold, in order. @param sha256 of its text in UTF-8, hex */
export function policyRecords(text: string, sha256: string, why: PolicyPart['why']): readonly PolicyPart[] {
  const parts = partsOf(text);
  return parts.map((part, at) => ({ sha256, part: at + 1, parts: parts.length, text: part, why }));
}
