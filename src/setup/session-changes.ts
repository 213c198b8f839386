// `session add`: a session more in the policy, with its account and what keeps people from going around the gate.
import { noPolicy } from '../core/messages/setup-faults.ts';
import type { SessionAnswer } from '../core/setup-rules/answers.ts';
import { accountFiles, places, type Templates } from '../core/setup-rules/wanted.ts';
import { SetupFault } from './fault.ts';
import { lookAt, textOf } from './found.ts';
import { daemonsHere } from './host-facts.ts';
import { policyOf, tryFiles } from './init-plan.ts';
import type { Planned } from './perform.ts';
import { openUids, planSessionAccount } from './plan-accounts.ts';
import { planFiles } from './plan-files.ts';
import { withSession } from './policy-text.ts';

/** The changes that add a session. @throws SetupFault when the policy would not be in order, or the account is unfit */
export async function planSessionAdd(session: SessionAnswer, templates: Templates): Promise<readonly Planned[]> {
  const now = textOf(await lookAt(places.config));
  if (now === undefined) throw new SetupFault(noPolicy(places.config));
  const policy = withSession(now, session);
  policyOf(policy);
  const account = await planSessionAccount(session.runAs, openUids());
  const files = await planFiles([
    ...accountFiles(session.runAs, templates, daemonsHere()),
    { path: places.config, mode: 0o600, text: () => policy },
  ]);
  await tryFiles(files);
  return [...account, ...files];
}
