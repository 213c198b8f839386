// Which records of the journal an auditor asked for.
//
// 1. What cannot be judged is shown: a record without a time is never taken for an old one. Attack: a line without `at`, so that
//    `--since` leaves it out.
// 2. Most records name a login. Where one tells of an identity alone (an approval link that somebody opened), it is that of the login
//    that signed in with it last, told by the records before.
import type { JournalRecord } from '../adapters/journal-read.ts';
import { instantOf } from './journal-line.ts';

export interface Choice {
  /** Instant, milliseconds. */
  readonly since?: number | undefined;
  readonly login?: string | undefined;
}

/** Judges each record of a journal, from its first one on: earlier ones tell whose an identity is. */
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

/** Rule 2: a login that is unpinned may be somebody else's from then on. */
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

/** What an identity is: its issuer and subject (core/identity.ts, rule 3). */
function keyOf(value: unknown): string | undefined {
  const { issuer, subject } = (value ?? {}) as JournalRecord;
  return typeof issuer === 'string' && typeof subject === 'string' ? JSON.stringify([issuer, subject]) : undefined;
}
