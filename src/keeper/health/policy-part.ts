// The policy as `status` shows it: since when it is in force, and whether its file says the same.
import type { Part } from '../../core/health/parts.ts';
import {
  policyFileDiffers,
  policyFileRefused,
  policyFileUnreadable,
  policyInForce,
  policyNeedsRestart,
  fixPolicyFile,
} from '../../core/messages/reload.ts';
import { formatInstant } from '../../core/time.ts';
import type { PolicyInForce } from '../state/policy.ts';

/** A warning where no keeper would start with the file as it is, which an admin wants to know before the next restart. */
export async function policyPart(policy: Pick<PolicyInForce, 'since' | 'onDisk' | 'refused'>): Promise<Part> {
  const [name, since, file] = ['policy', policyInForce(formatInstant(policy.since())), await policy.onDisk()] as const;
  const unfit = (why: string): Part => ({ name, level: 'warn', detail: `${since}${why}`, fix: fixPolicyFile });
  if (file === 'same') return { name, level: 'ok', detail: since };
  if (file === 'unreadable') return unfit(policyFileUnreadable);
  if (policy.refused() === 'invalid') return unfit(policyFileRefused);
  const differs = policy.refused() === undefined ? policyFileDiffers : policyNeedsRestart;
  return { name, level: 'ok', detail: `${since}${differs}` };
}
