// Who may type, who only looks on, and whose look lets another person type (`mode: view`, `--view`, `moderated: true`).
//
// 1. Of what the policy, the grant and the person say, the least holds. Attack: a grant for looking on opens a connection that types;
//    a request that reviewers read as "types nothing" is used to type.
// 2. Nobody lets themselves type: not by a second login of the same subject, not by another subject under the same login.
// 3. Two people are known to be two only at the same provider: under two, one person is two subjects (request, rule 4).
// 4. A grant that an approver signed is their way in to look on where their look is needed (law 1), until its end and as long as
//    the policy still calls them an approver; break-glass names nobody.
import { isBreakGlass } from './break-glass.ts';
import type { Grant } from './grant.ts';
import { isSamePerson, type SamePerson } from './identity.ts';
import { reviewRules } from './on-call.ts';
import type { SessionPolicy } from './policy-types.ts';
import type { Person } from './request.ts';

export type AccessMode = 'type' | 'view';

/** What a grant or a request carries: nothing where it is for typing. */
export interface HasMode {
  readonly mode?: 'view';
}

/** Rule 1: what somebody comes for. */
export function modeOf(policy: Pick<SessionPolicy, 'mode'>, view: boolean | undefined): AccessMode {
  return view === true ? 'view' : policy.mode;
}

/** Rule 1: a grant for typing serves a look as well, never the other way. */
export function servesMode(grant: HasMode, mode: AccessMode): boolean {
  return mode === 'view' || grant.mode !== 'view';
}

/** Rule 1: what a connection under this grant may do. */
export function leastOf(mode: AccessMode, grant: HasMode): AccessMode {
  return servesMode(grant, mode) ? mode : 'view';
}

/** As a request, a grant or a connection's state keeps it. */
export function modeFields(mode: AccessMode): HasMode {
  return mode === 'view' ? { mode } : {};
}

/** How a person who decides reads it. */
export const typesNothing = 'view: types nothing';

/** Rules 2 and 3. */
export function isAnother(one: Person, other: Person): boolean {
  return one.issuer === other.issuer && one.subject !== other.subject && one.login !== other.login;
}

/** Whether one of these rules, by which somebody was an approver when they came, stands in the policy as it is now. */
export function stillApproves(policy: SessionPolicy, rules: readonly string[]): boolean {
  return reviewRules(policy).some((rule) => rules.includes(rule));
}

/** Rule 4: whether this person, an approver by these rules, may look on under somebody else's grant. */
export function mayLookOn(policy: SessionPolicy, grant: Grant, who: SamePerson, rules: readonly string[]): boolean {
  const named = grant.session === policy.name && grant.approvers.some((one) => isSamePerson(one, who));
  return policy.moderated && named && !isBreakGlass(grant) && stillApproves(policy, rules);
}
