// The access mode of a connection: whether it types or only views (`mode: view`, `--view`), and who counts as the second person of a
// moderated session (`moderated: true`).
//
// 1. The most restrictive of policy, grant and the person's own choice wins. Attack: a view-only grant opens a connection that types;
//    a request that reviewers read as "types nothing" is used to type.
// 2. Nobody is their own second person: not by a second login of the same subject, not by another subject under the same login.
// 3. Two people are known to be different only at the same provider; at two providers one person has two subjects (core/request.ts,
//    rule 4).
// 4. In a moderated session, an approver named in a grant may view under that grant, since input needs somebody who views (law 1).
//    It holds until the grant's end, and while the policy still makes them an approver. Break-glass names no approvers.
import { isBreakGlass } from './break-glass.ts';
import type { Grant } from './grant.ts';
import { isSamePerson, type SamePerson } from './identity.ts';
import { reviewRules } from './on-call.ts';
import type { SessionPolicy } from './policy-types.ts';
import type { Person } from './request.ts';

export type AccessMode = 'type' | 'view';

/** The access mode as a grant or a request stores it: absent means typing. */
export interface HasMode {
  readonly mode?: 'view';
}

/** The access mode that a visit asks for: view-only by `--view` or by the policy of the session (rule 1). */
export function modeOf(policy: Pick<SessionPolicy, 'mode'>, view: boolean | undefined): AccessMode {
  return view === true ? 'view' : policy.mode;
}

/** Whether a grant or request covers this access mode: one for typing covers viewing too, never the reverse (rule 1). */
export function servesMode(grant: HasMode, mode: AccessMode): boolean {
  return mode === 'view' || grant.mode !== 'view';
}

/** The access mode of a connection under this grant: view-only if the grant is, else as asked (rule 1). */
export function leastOf(mode: AccessMode, grant: HasMode): AccessMode {
  return servesMode(grant, mode) ? mode : 'view';
}

/** The field to store in a request, a grant or a connection's state: `{ mode: 'view' }`, or nothing for typing. */
export function modeFields(mode: AccessMode): HasMode {
  return mode === 'view' ? { mode } : {};
}

/** Whether two people are certainly different: same provider, other subject, other login (rules 2 and 3). */
export function isAnother(one: Person, other: Person): boolean {
  return one.issuer === other.issuer && one.subject !== other.subject && one.login !== other.login;
}

/** Whether the policy still has one of these rules, by which somebody was an approver when they connected. */
export function stillApproves(policy: SessionPolicy, rules: readonly string[]): boolean {
  return reviewRules(policy).some((rule) => rules.includes(rule));
}

/**
 * Whether a person may view under somebody else's grant, because they approved it and the session is moderated (rule 4).
 * @param rules the rules by which they were an approver when they connected.
 */
export function mayView(policy: SessionPolicy, grant: Grant, who: SamePerson, rules: readonly string[]): boolean {
  const named = grant.session === policy.name && grant.approvers.some((one) => isSamePerson(one, who));
  return policy.moderated && named && !isBreakGlass(grant) && stillApproves(policy, rules);
}
