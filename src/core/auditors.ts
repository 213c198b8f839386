// Who may follow connections while they are live (`auditors` in the policy). Pure and total: whom no rule names may not.
//
// 1. An auditor is named by a group of the verified identity, or by an on-call source, like an approver; being an approver makes nobody an
//    auditor. Attack: whoever approves reads along without the policy saying so.
// 2. Nobody follows their own connection (law 3; `isOwn` in identity.ts). Attack: the journal says that a second person watched, and it was the first.
import { rulesNaming, type Duty, type Reviewer } from './on-call.ts';
import type { Config, SessionPolicy } from './policy-types.ts';

/** The first rule by which somebody may follow connections of this session; undefined when they may not (rule 1). */
export function auditRule(policy: SessionPolicy, who: Reviewer, duty: Duty): string | undefined {
  const { auditors, name } = policy;
  return auditors === undefined ? undefined : rulesNaming(`sessions.${name}.auditors`, auditors, who, duty)[0];
}

/** Whether somebody may follow connections of any session. */
export function isAuditor(config: Pick<Config, 'sessions'>, who: Reviewer, duty: Duty): boolean {
  return Object.values(config.sessions).some((policy) => auditRule(policy, who, duty) !== undefined);
}
