// The last look before a request is posted, after the person has typed reason and time.
import { fits } from '../../config/pattern.ts';
import { decide as judge, isCurrent } from '../../core/policy.ts';
import { Refused } from '../../core/refusal.ts';
import type { RequestFacts } from '../../core/request.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { keepsTerms } from '../../core/terms.ts';
import type { Context } from '../context.ts';
import { prolonged } from '../grants/extension-window.ts';
import { checkLock } from '../identity/check-lock.ts';
import { refusedBy, type AttachPlan } from './decide.ts';

/**
 * While the person typed, their login may have been locked, the grant to extend may have ended, or another policy may have been taken; then
 * nobody is asked.
 * @throws Refused LOCKED, EXTENSION_LATE, CHANGED_MEANWHILE and what the policy refuses
 */
export function checkStillAsked(
  context: Context,
  who: SignIn,
  { policy, mode }: AttachPlan,
  facts: RequestFacts,
): void {
  const { id: request, session, host, reason, durationMs } = facts;
  checkLock(context, who.login);
  if (facts.extends !== undefined && prolonged(context, facts) === undefined)
    throw new Refused('EXTENSION_LATE', { request, session, host });
  if (isCurrent(context.config, policy)) return;
  const asked = { session, reason, ...(facts.extends === undefined ? { durationMs } : {}) };
  const decision = judge(context.config, who, asked, fits);
  if (!decision.allow) throw refusedBy(context, decision.code, session, decision.rule);
  const isAsShown = keepsTerms(facts, decision.policy) && (mode === 'view' || decision.policy.mode === 'type');
  if (!isAsShown) throw new Refused('CHANGED_MEANWHILE', { host });
}
