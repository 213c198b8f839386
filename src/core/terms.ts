// As what a session runs: part of what reviewers approve, so part of what a request and its grant are signed for (law 8). Attack, or
// accident: the policy says another account, more privileges or a shared server between the review and its use, and people are in
// what nobody approved.
import type { SessionPolicy } from './policy-types.ts';
import { text } from './shape.ts';

/** The session account, its kind and its privileges, a word each. */
export const termsShape = text(100, /^[A-Za-z0-9_.$-]+ (?:shared|dedicated) (?:none|account)$/);

export interface OnTerms {
  /** Left out by keepers that knew none. */
  readonly terms?: string;
  /** Of a request: the session account alone. */
  readonly account?: string;
}

export function termsOf({ runAs, kind, privileges }: SessionPolicy): string {
  return `${runAs} ${kind} ${privileges}`;
}

/** Whether what was signed is for the session as the policy has it now. */
export function keepsTerms({ terms, account }: OnTerms, policy: SessionPolicy): boolean {
  if (terms !== undefined) return terms === termsOf(policy);
  return account === undefined || account === policy.runAs;
}
