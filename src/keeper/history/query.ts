// What somebody may read of the journal, as plain data. It goes to the thread of `history`, which decides nothing itself.
import type { KnownLogin, ReviewedSession } from '../../core/access-review/listing.ts';
import { isSamePerson, type SamePerson } from '../../core/identity.ts';
import type { Period } from '../../core/period.ts';
import { mayReview } from '../../core/policy.ts';
import { parseSince } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Actor } from '../identity/actor.ts';
import type { Config } from '../../core/policy-types.ts';

export interface QueryDeps {
  readonly config: Config;
}

/**
 * Whose rows may be read. Without a person (root on the host): all. A person sees their own rows and those of the sessions that they may
 * review.
 */
export interface Scope {
  readonly person: SamePerson | undefined;
  readonly sessions: readonly string[];
}

/** One question about the journal. */
export interface HistoryQuery {
  readonly scope: Scope;
  /** The earliest instant, as the journal writes it (ISO 8601). */
  readonly since: string;
  readonly login: string | undefined;
  readonly session: string | undefined;
  readonly approver: string | undefined;
  readonly form: 'json' | 'csv' | 'table';
  /** Of the terminal that shows it; undefined for none. */
  readonly columns: number | undefined;
}

/** One access review: the listings of these sessions. */
export interface ReviewQuery {
  readonly host: string;
  readonly period: Period;
  /** Instant, ms. */
  readonly now: number;
  readonly sessions: readonly ReviewedSession[];
  /** Whether sessions that the policy no longer has are listed too. */
  readonly isAll: boolean;
  readonly logins: readonly KnownLogin[];
  /** Whoever signs one off: the answer is then about its digest, and shows nothing. */
  readonly signer?: SamePerson & { readonly login: string };
  readonly form: HistoryQuery['form'];
  /** Of the terminal that shows it; undefined for none. */
  readonly columns: number | undefined;
  /** Whether it is read on the host, so that commands are spelt for there. */
  readonly local: boolean;
}

/** The same rule as `mayTouch` (identity/visible.ts), decided beforehand for every session. */
export function scopeOf(deps: QueryDeps, { person, duty }: Actor): Scope {
  if (person === undefined) return { person, sessions: [] };
  const reviewable = Object.values(deps.config.sessions).filter((policy) => mayReview(policy, person, duty));
  const { issuer, subject } = person;
  return { person: { issuer, subject }, sessions: reviewable.map(({ name }) => name) };
}

/** Whether a row of this session and owner may be read. */
export function isInScope({ person, sessions }: Scope, session: string, owner: SamePerson): boolean {
  return person === undefined || isSamePerson(person, owner) || sessions.includes(session);
}

/** @param standardBackMs how far back to read without `--since`. */
export function queryOf(
  scope: Scope,
  command: Command,
  now: number,
  standardBackMs: number,
): Omit<HistoryQuery, 'columns'> {
  const { login, session, approver } = command;
  const since = (command.since === undefined ? undefined : parseSince(command.since, now)) ?? now - standardBackMs;
  const form = command.json ? 'json' : command.csv === true ? 'csv' : 'table';
  return { scope, since: new Date(since).toISOString(), login, session, approver, form };
}
