// Finds the records of one access in the journal.
//
// 1. Each record is compared with the signed root before it is used. Attack: the journal was changed, and the evidence says so only when
//    somebody verifies it.
// 2. The search follows ids: those of the first records name others, until no new ones come. It begins where the access begins.
import { AccessIds, isSignInOf } from '../core/evidence/access.ts';
import type { Entry } from '../core/journal-entry.ts';
import { leafHash, type Hash, type Sha256 } from '../core/tlog/merkle.ts';
import { isIncluded } from '../core/tlog/verify.ts';
import { parsed } from '../adapters/journal/read.ts';
import type { LogView } from './log-view.ts';
import { findLines, lastLineBefore, linesOfIds, type Found } from './scan.ts';

/** A record with its line, as it stands in the journal. */
export interface Line {
  readonly at: number;
  readonly text: string;
  readonly record: Entry;
}

/** The records of one access, in their order, with the policy that was in force and the sign-in of the person. */
export interface Access {
  readonly lines: readonly Line[];
}

const read = ({ at, text }: Found): Line => ({ at, text, record: parsed(text) ?? {} });

/** @returns undefined when nothing in the journal has this id. @throws Error of the system */
export function findAccess(view: LogView, id: string): Access | undefined {
  const ids = new AccessIds(id);
  const hits = new Map<number, Line>();
  const searched = new Set<string>();
  for (let texts = [id]; texts.length > 0; texts = ids.all().filter((text) => !searched.has(text))) {
    const from = Math.min(...own(ids, hits).map(({ at }) => at));
    const span = { from: Number.isFinite(from) ? from : 0, to: view.bytes };
    for (const found of findLines(view.path, span, texts)) hits.set(found.at, read(found));
    for (const text of texts) searched.add(text);
    learnAll(ids, hits);
  }
  const lines = own(ids, hits);
  return lines.length === 0 ? undefined : { lines: around(view, lines) };
}

/** Finds several accesses in the time of one. @returns those that were found, by the ids that were asked for. @throws Error of the system */
export function findAccesses(view: LogView, ids: readonly string[]): ReadonlyMap<string, Access> {
  const wanted = ids.map((id) => [id, new AccessIds(id)] as const);
  const hits = new Map<number, Line>();
  const searched = new Set<string>();
  const unsearched = (): readonly string[] =>
    wanted.flatMap(([, known]) => known.all()).filter((text) => !searched.has(text));
  for (let texts: readonly string[] = ids; texts.length > 0; texts = unsearched()) {
    for (const found of linesOfIds(view.path, { from: 0, to: view.bytes }, new Set(texts)))
      hits.set(found.at, read(found));
    for (const text of texts) searched.add(text);
    for (const [, known] of wanted) learnAll(known, hits);
  }
  return new Map(
    wanted.flatMap(([id, known]) => {
      const lines = own(known, hits);
      return lines.length === 0 ? [] : [[id, { lines: around(view, lines) }] as const];
    }),
  );
}

const byPlace = (a: Line, b: Line): number => a.at - b.at;

function own(ids: AccessIds, hits: ReadonlyMap<number, Line>): readonly Line[] {
  return [...hits.values()].filter(({ record }) => ids.owns(record)).sort(byPlace);
}

/** A record may name an id by which an earlier one belongs. */
function learnAll(ids: AccessIds, hits: ReadonlyMap<number, Line>): void {
  for (let before = -1; before !== ids.all().length;) {
    before = ids.all().length;
    for (const { record } of hits.values()) ids.learn(record);
  }
}

/** With the policies in force, and the sign-in before the request. */
function around(view: LogView, lines: readonly Line[]): readonly Line[] {
  const [first, last] = [lines[0] as Line, lines.at(-1) as Line];
  const during = findLines(view.path, { from: first.at, to: last.at }, [policyText]).map(read).filter(isPolicy);
  const isTheirs = (text: string): boolean => isSignInOf(first.record, parsed(text) ?? {});
  const signIn = lastLineBefore(view.path, first.at, '"event":"sign-in"', isTheirs);
  return [...policyBefore(view, first.at), ...during, ...(signIn === undefined ? [] : [read(signIn)]), ...lines].sort(
    byPlace,
  );
}

const policyText = '"event":"policy"';
const isPolicy = ({ record }: Line): boolean => record['event'] === 'policy';

/** The policy that was in force: all parts of its text. */
function policyBefore(view: LogView, before: number): readonly Line[] {
  const parts: Line[] = [];
  for (let at = before; ;) {
    const found = lastLineBefore(view.path, at, policyText, (text) => isPolicy(read({ at: 0, text })));
    if (found === undefined) return [];
    parts.unshift(read(found));
    if ((parts[0]?.record['part'] ?? 1) === 1) return parts;
    at = found.at;
  }
}

/** The number of a record; it says its own. */
export const numberOf = ({ record }: Line): number => (typeof record['n'] === 'number' ? record['n'] : 0);

/** The proof of a record that was compared with the root (rule 1). @returns undefined when it is not what was signed */
export function provenBy(view: LogView, sha256: Sha256, line: Line): readonly Hash[] | undefined {
  const index = numberOf(line) - 1;
  if (!Number.isSafeInteger(index) || index < 0 || index >= view.size) return undefined;
  const proof = view.prove(index);
  return isIncluded(sha256, view, { index, leaf: leafHash(sha256, line.text), proof }) ? proof : undefined;
}
