// Who may follow connections while they are live (`auditors` in the policy). Pure and total: whom no rule names may not.
//
// 1. An auditor is named by a group of the verified identity, or by an on-call source, like an approver; being an approver makes nobody an
//    auditor. Attack: whoever approves reads along without the policy saying so.
// 2. Nobody follows their own connection (law 3). Attack: the journal says that a second person watched, and it was the first.
import { isSamePerson, type SamePerson } from './identity.ts';
import { rulesNaming, type Duty, type Reviewer } from './on-call.ts';
import type { Config, SessionPolicy } from './policy-types.ts';
import type { Person } from './request.ts';

/** The first rule by which somebody may follow connections of this session; undefined when they may not (rule 1). */
export function auditRule(policy: SessionPolicy, who: Reviewer, duty: Duty): string | undefined {
  const { auditors, name } = policy;
  return auditors === undefined ? undefined : rulesNaming(`sessions.${name}.auditors`, auditors, who, duty)[0];
}

/** Whether somebody may follow connections of any session. */
export function isAuditor(config: Pick<Config, 'sessions'>, who: Reviewer, duty: Duty): boolean {
  return Object.values(config.sessions).some((policy) => auditRule(policy, who, duty) !== undefined);
}

/**
 * Whether a connection is this person's own (rule 2), by subject or by login.
 * @param owner whom the connection's login belongs to; undefined where that is not known (break-glass proves no identity)
 */
export function isOwn(who: Person, login: string, owner: SamePerson | undefined): boolean {
  return who.login === login || (owner !== undefined && isSamePerson(who, owner));
}
