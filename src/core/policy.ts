// Decisions of the policy. A session may be asked for by members of its `who` groups, for at most its longest window, with a reason that
// fits its pattern. A request is decided by reviewers who are in one of the session's approver groups or on call for it, and are not
// the requester. Everything here is pure and total: what no rule allows is refused, and each decision names its rule.
import { reviewRule, type Duty, type Reviewer } from './on-call.ts';
import { holdsUnseen } from './text.ts';
import type { Config, SessionPolicy } from './policy-types.ts';
import type { RefusalCode } from './refusals.ts';

/** Somebody who asks: the groups of their verified identity. */
export interface Asker {
  readonly groups: readonly string[];
}

/** What is asked for. */
export interface Asked {
  readonly session: string;
  readonly durationMs?: number;
  readonly reason?: string;
}

export type Decision =
  | { readonly allow: true; readonly rule: string; readonly policy: SessionPolicy }
  | { readonly allow: false; readonly rule: string; readonly code: RefusalCode };

/** The longest reason that is accepted, in characters (UTF-16 units). */
export const reasonLimit = 400;

/** Whether a reason matches a regular expression (config/pattern.ts, `fits`). */
export type Fits = (pattern: string, reason: string) => boolean;

/**
 * Whether somebody may ask for a session, for this long and with this reason; absent time and reason are not checked.
 * @returns the rule that allows it, or the rule that refuses it and the code of the refusal.
 */
export function decide(config: Pick<Config, 'sessions'>, who: Asker, what: Asked, fits: Fits): Decision {
  const policy = sessionOf(config, what.session);
  if (policy === undefined) return { allow: false, rule: 'no such session', code: 'UNKNOWN_SESSION' };
  const group = groupIn(policy, who);
  if (group === undefined) return { allow: false, rule: `sessions.${policy.name}.who`, code: 'NOT_ALLOWED' };
  const fault = windowFault(policy, what.durationMs) ?? reasonFault(policy, what.reason, fits);
  if (fault !== undefined) return { allow: false, ...fault };
  return { allow: true, rule: `sessions.${policy.name}.who: ${group}`, policy };
}

/** The session with this name; undefined when the policy has none. */
export function sessionOf(config: Pick<Config, 'sessions'>, name: string): SessionPolicy | undefined {
  return Object.hasOwn(config.sessions, name) ? config.sessions[name] : undefined;
}

/**
 * Whether the policy still says of a session what it said when somebody decided by it. What a reload does not change stays the same object
 * (keeper/state/policy.ts, rule 3).
 */
export function isCurrent(config: Pick<Config, 'sessions'>, policy: SessionPolicy): boolean {
  return sessionOf(config, policy.name) === policy;
}

/** The sessions a person may ask for, in the order of the policy. */
export function sessionsFor(config: Pick<Config, 'sessions'>, who: Asker): readonly SessionPolicy[] {
  return Object.values(config.sessions).filter((policy) => groupIn(policy, who) !== undefined);
}

/** The group by which somebody may ask for a session; undefined when they may not. */
function groupIn(policy: SessionPolicy, who: Asker): string | undefined {
  return policy.who.find((name) => who.groups.includes(name));
}

/** Whether the policy has any session that this person may ask for or review. */
export function isNamed(config: Pick<Config, 'sessions'>, who: Reviewer, duty: Duty): boolean {
  return Object.values(config.sessions).some(
    (policy) => policy.who.some((group) => who.groups.includes(group)) || mayReview(policy, who, duty),
  );
}

/** Whether this person may review requests for the session; their own are excluded elsewhere (core/request.ts, rule 2). */
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
