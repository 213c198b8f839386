// A session may be asked for by whoever is in one of its `who` groups, for at most its longest window and with a reason of
// its form. A request is decided by reviewers who are in one of its approver groups or on call for it, and are not the requester.
// Pure and total: what no rule allows is refused, and every answer names the rule that gave it.
import { reviewRule, type Duty, type Reviewer } from './on-call.ts';
import { holdsUnseen } from './text.ts';
import type { Config, SessionPolicy } from './policy-types.ts';
import type { RefusalCode } from './refusals.ts';

export interface Asker {
  readonly groups: readonly string[];
}

export interface Asked {
  readonly session: string;
  readonly durationMs?: number;
  readonly reason?: string;
}

export type Decision =
  | { readonly allow: true; readonly rule: string; readonly policy: SessionPolicy }
  | { readonly allow: false; readonly rule: string; readonly code: RefusalCode };

/** Longest reason that anybody has to read, in characters. */
export const reasonLimit = 400;

/** Whether a reason fits a pattern (flag u). */
export type Fits = (pattern: string, reason: string) => boolean;

const fitsAtLeisure: Fits = (pattern, reason) => new RegExp(pattern, 'u').test(reason);

/** @param fits a daemon gives one that ends in time, whatever the pattern. */
export function decide(
  config: Pick<Config, 'sessions'>,
  who: Asker,
  what: Asked,
  fits: Fits = fitsAtLeisure,
): Decision {
  const policy = sessionOf(config, what.session);
  if (policy === undefined) return { allow: false, rule: 'no such session', code: 'UNKNOWN_SESSION' };
  const group = policy.who.find((name) => who.groups.includes(name));
  if (group === undefined) return { allow: false, rule: `sessions.${policy.name}.who`, code: 'NOT_ALLOWED' };
  const fault = windowFault(policy, what.durationMs) ?? reasonFault(policy, what.reason, fits);
  if (fault !== undefined) return { allow: false, ...fault };
  return { allow: true, rule: `sessions.${policy.name}.who: ${group}`, policy };
}

export function sessionOf(config: Pick<Config, 'sessions'>, name: string): SessionPolicy | undefined {
  return Object.hasOwn(config.sessions, name) ? config.sessions[name] : undefined;
}

/** The sessions a person may ask for, in the order of the policy. */
export function sessionsFor(config: Pick<Config, 'sessions'>, who: Asker): readonly SessionPolicy[] {
  return Object.values(config.sessions).filter((policy) => decide(config, who, { session: policy.name }).allow);
}

/** Whether any session of this policy is for them, to ask for or to review. */
export function isNamed(config: Pick<Config, 'sessions'>, who: Reviewer, duty: Duty): boolean {
  return Object.values(config.sessions).some(
    (policy) => policy.who.some((group) => who.groups.includes(group)) || mayReview(policy, who, duty),
  );
}

export function mayReview(policy: SessionPolicy, who: Reviewer, duty: Duty): boolean {
  return reviewRule(policy, who, duty) !== undefined;
}

type Fault = { readonly rule: string; readonly code: RefusalCode };

function windowFault(policy: SessionPolicy, durationMs: number | undefined): Fault | undefined {
  if (durationMs === undefined || durationMs <= policy.window.maxMs) return undefined;
  return { rule: `sessions.${policy.name}.window.max`, code: 'WINDOW_TOO_LONG' };
}

function reasonFault(policy: SessionPolicy, reason: string | undefined, fits: Fits): Fault | undefined {
  if (reason === undefined) return undefined;
  const rule = `sessions.${policy.name}.reason`;
  if (reason.length > reasonLimit) return { rule, code: 'LONG_REASON' };
  if (holdsUnseen(reason)) return { rule, code: 'UNSEEN_REASON' };
  const { pattern } = policy.reason;
  const formed = pattern === undefined ? reason.trim().length > 0 : fits(pattern, reason);
  return formed ? undefined : { rule: `${rule}.pattern`, code: 'BAD_REASON' };
}
