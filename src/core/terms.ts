// The terms of a session: its account, kind and privileges. Reviewers approve them, so they are part of the signed request and grant
// (law 8). Attack or accident: the policy changes to another account, more privileges or a shared server after the review, and people
// are let into what nobody approved.
import type { SessionPolicy } from './policy-types.ts';
import { text } from './shape.ts';

/** Session account, kind and privileges, separated by spaces. */
export const termsShape = text(100, /^[A-Za-z0-9_.$-]+ (?:shared|dedicated) (?:none|account)$/);

/** The terms in a request or a grant. */
export interface OnTerms {
  /** Absent in what an older keeper signed. */
  readonly terms?: string;
  /** The session account alone, which a request always has. */
  readonly account?: string;
}

/** The terms of a session by the policy as it is now. */
export function termsOf({ runAs, kind, privileges }: SessionPolicy): string {
  return `${runAs} ${kind} ${privileges}`;
}

/** Whether the signed terms are those of the policy as it is now. */
export function keepsTerms({ terms, account }: OnTerms, policy: SessionPolicy): boolean {
  if (terms !== undefined) return terms === termsOf(policy);
  return account === undefined || account === policy.runAs;
}
