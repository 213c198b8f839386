// What an access review is made of: the facts that accesses.ts collects.
import type { Period } from '../period.ts';
import type { Person } from '../request.ts';

/** What is collected: of which period, and of which sessions; undefined: of all. */
export interface Collected {
  readonly period: Period;
  readonly sessions?: readonly string[] | undefined;
}

/** What one person had of one session. All instants and durations are in milliseconds. */
export interface Access {
  readonly who: Person;
  /** Grants of the period, without extensions. */
  grants: number;
  /** Connections in the period, and the time of all of them in it. */
  times: number;
  totalMs: number;
  /** In the period; undefined where they did not attach. */
  first: number | undefined;
  last: number | undefined;
  /** When they were last attached before the period's end, however long ago. */
  lastBefore: number | undefined;
  /** The logins of those who approved. */
  readonly by: Set<string>;
  /** How many grants each rule approved without a person. */
  readonly rules: Map<string, number>;
  /** Connections as an approver who watches. */
  viewed: number;
}

/** A person who signed in on this host, as the newest sign-in says. */
export interface Known extends Person {
  readonly groups: readonly string[];
  /** Their first sign-in. */
  readonly since: number;
  /** Whether the provider has said since then that it no longer knows them. */
  readonly isGone: boolean;
}

/** A use of break-glass in the period. */
export interface GlassUse {
  readonly grant: string;
  readonly session: string;
  readonly login: string;
  readonly at: number;
  readonly isReviewed: boolean;
}

/** Somebody looked at the listing of a session and signed it off. */
export interface SignOff {
  readonly session: string;
  readonly from: number;
  readonly to: number;
  readonly by: Person;
  readonly at: number;
  readonly sha256: string;
  readonly reason: string;
  /** Whether they had access in the period themselves. */
  readonly isOwn: boolean;
}

/** From when a policy was in force, and its digest. */
export interface PolicyChange {
  readonly at: number;
  readonly sha256: string;
}

/** A loss of records that root accepted. */
export interface Loss {
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}
