// The policy in force.
//
// 1. Services read a key of `config` at the moment of a decision: it is the key of the policy in force then. Nobody keeps what they read for
//    later decisions. Attack: an approver whom a reload removed is accepted by a service that remembers the policy of the keeper's start.
// 2. A new policy is taken whole, in one turn of the event loop, and only after the journal has it (law 7; reload.ts). Accident: somebody is
//    judged by the sessions of the one and the groups of the other.
// 3. A part that says what it said before stays the same object. So whoever decided, waited (for a person, the store, the journal) and acts
//    now compares the part with `===`, and decides again only when it was changed. Attack: a sign-in, a request or an admission that began
//    under the old policy ends under none. Accident: a reload that changes a receiver of notices throws out everybody who signs in.
import { readFile, stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { maxConfigBytes } from '../../config/document.ts';
import type { Policy } from '../../config/load.ts';
import type { Config } from '../../core/policy-types.ts';
import { standInFor } from './stand-in.ts';

/** What the file says, beside what is in force. */
export type OnDisk = 'same' | 'other' | 'unreadable';

/** Why a reload takes nothing. */
export type RefusedAs = 'invalid' | 'needs-restart';

/** The policy in force, and since when. */
export interface PolicyInForce {
  /** Its keys, each as of the moment when it is read (rule 1). */
  readonly config: Config;
  /** As it was loaded. */
  loaded(): Policy;
  /** SHA-256 of its text, hex. */
  digest(): string;
  /** When it was taken: milliseconds since the epoch. */
  since(): number;
  /** How many were taken after the first one. */
  taken(): number;
  /** Rule 2: from here on, `next` is in force. Tells those who listen, in the same turn. */
  take(next: Policy): void;
  /** Calls `hear` in the turn in which another policy is taken. */
  onTaken(hear: () => void): void;
  /** Compares its file with it. Never rejects. */
  onDisk(): Promise<OnDisk>;
  /** Why the last reload was refused; undefined if it was not. */
  refused(): RefusedAs | undefined;
  noteRefused(as: RefusedAs | undefined): void;
}

export interface PolicyInForceDeps {
  /** Its file. */
  readonly path: string;
  now(): number;
  /** SHA-256 of a text, hex. */
  sha256(text: string): string;
}

/** @param first the policy of the keeper's start */
export function openPolicyInForce(deps: PolicyInForceDeps, first: Policy): PolicyInForce {
  let [current, since, taken] = [first, deps.now(), 0];
  const hearing: (() => void)[] = [];
  const looked = openLooks(deps);
  let refused: RefusedAs | undefined;
  return {
    config: standInFor(() => current.config),
    loaded: () => current,
    digest: () => deps.sha256(current.text),
    since: () => since,
    taken: () => taken,
    take: (next) => {
      current = { ...next, config: keepSame(current.config, next.config) };
      since = deps.now();
      taken += 1;
      hearing.forEach((hear) => hear());
    },
    onTaken: (hear) => hearing.push(hear),
    refused: () => refused,
    noteRefused: (as) => {
      refused = as;
    },
    onDisk: async () => {
      const text = await looked();
      return text === undefined ? 'unreadable' : text === current.text ? 'same' : 'other';
    },
  };
}

/** Rule 3, for each key of the policy and for each session. */
function keepSame(before: Config, after: Config): Config {
  const sessions = Object.freeze(sameWhereEqual(before.sessions, after.sessions));
  return Object.freeze(sameWhereEqual(before, { ...after, sessions }));
}

/** The same keys as `after`; where a value equals the one before, it is that one. Without a prototype if `after` has none. */
function sameWhereEqual<T extends object>(before: T, after: T): T {
  const kept = Object.create(Object.getPrototypeOf(after) as object | null) as Record<string, unknown>;
  const old = before as Record<string, unknown>;
  for (const [key, value] of Object.entries(after))
    kept[key] = Object.hasOwn(old, key) && isDeepStrictEqual(old[key], value) ? old[key] : value;
  return kept as T;
}

/** The text of the file; it is read again only when the file has changed, since everybody may ask for `status`. */
function openLooks({ path }: PolicyInForceDeps): () => Promise<string | undefined> {
  let seen: { readonly mark: string; readonly text: string } | undefined;
  return async () => {
    try {
      const { ino, size, mtimeMs, ctimeMs } = await stat(path);
      if (size > maxConfigBytes) return '';
      const mark = [ino, size, mtimeMs, ctimeMs].join(' ');
      if (seen?.mark !== mark) seen = { mark, text: await readFile(path, 'utf8') };
      return seen.text;
    } catch {
      return undefined;
    }
  };
}
