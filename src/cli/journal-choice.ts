// Chooses the records that an auditor asked for.
//
// 1. A record without a time is shown. Attack: `at` is removed from a line, so that `--since` would leave it out.
// 2. Most records name a login. One that only names an identity (somebody opened an approval link) belongs to the login that signed in
//    with that identity in the records before. Accident: what a person did without their login is missing.
import type { JournalRecord } from '../adapters/journal/read.ts';
import { instantOf } from './journal-line.ts';

/** What to choose; undefined: no limit. */
export interface Choice {
  /** Instant, milliseconds. */
  readonly since?: number | undefined;
  readonly login?: string | undefined;
}

/** Makes a function that tells whether a record is chosen. It must be given all records from the first on (rule 2). */
export function chosenBy({ since = -Infinity, login }: Choice): (record: JournalRecord) => boolean {
  const isTheirs = login === undefined ? () => true : recordsOf(login);
  return (record) => isTheirs(record) && (instantOf(record) ?? Infinity) >= since;
}

function recordsOf(login: string): (record: JournalRecord) => boolean {
  const identities = new Set<string>();
  return (record) => {
    learn(identities, login, record);
    return tellsOf(record, login, identities);
  };
}

/** Learns the identities of the login from a record (rule 2). After `unpinned` the login may belong to another person. */
function learn(identities: Set<string>, login: string, record: JournalRecord): void {
  if (record['login'] !== login) return;
  if (record['event'] === 'unpinned') identities.clear();
  const identity = identityIn(record);
  if (identity !== undefined) identities.add(identity);
}

function identityIn(record: JournalRecord): string | undefined {
  const { event, identity } = record;
  if (event === 'pinned') return keyOf(record);
  return event === 'sign-in' || event === 'proved-anew' ? keyOf(identity) : undefined;
}

function tellsOf(record: JournalRecord, login: string, identities: ReadonlySet<string>): boolean {
  const { by } = record;
  const isThem = (value: unknown): boolean => {
    const own = (value as JournalRecord | null | undefined)?.['login'];
    return own === undefined ? identities.has(keyOf(value) ?? '') : own === login;
  };
  if (typeof by === 'string' && (by === login || by.startsWith(`${login} (`))) return true;
  return [record, record['who'], record['identity'], by].some(isThem);
}

/** A key for an identity, made of issuer and subject (core/identity.ts, rule 3); undefined when the value has none. */
function keyOf(value: unknown): string | undefined {
  const { issuer, subject } = (value ?? {}) as JournalRecord;
  return typeof issuer === 'string' && typeof subject === 'string' ? JSON.stringify([issuer, subject]) : undefined;
}
