// Checks who decides: the sources that name who is on call, and the rules that approve without a person.
import { accountByName } from '../adapters/accounts.ts';
import { openSource } from '../adapters/hooks/hook.ts';
import type { OnCallPolicy } from '../core/policy-types.ts';
import { fail, ok, orOk, warn, type Check, type Finding } from './check.ts';
import { NotInspectable } from './not-inspectable.ts';
import type { Scene } from './scene.ts';

const onCall: Check = {
  id: 'approval-on-call',
  about: 'each on-call source (rota, command, url) answers in the form that docs/policy.md has, and names somebody',
  look: async (scene) => {
    const sources = Object.entries((await scene.config()).onCall);
    const findings = await Promise.all(sources.map(async ([name, policy]) => sourceFinding(scene, name, policy)));
    return orOk(findings, 'the policy has none: only groups decide');
  },
};

/** Asks a source as the keeper does: as the service account, within its time limit. */
async function sourceFinding(scene: Scene, name: string, policy: OnCallPolicy): Promise<Finding> {
  if ('hook' in policy && !scene.root) throw new NotInspectable('only root can ask as the service account');
  const account = await accountByName((await scene.config()).serviceAccount);
  if (account === undefined) throw new NotInspectable('the service account does not exist', 'see host-service-account');
  try {
    const now = Date.now();
    const people = await (await openSource(policy, account)).people(now);
    if (people.length > 0) return ok(`it names ${people.length} now`, name);
    const later = 'rota' in policy && policy.rota.some(({ from, everyMs }) => from > now || everyMs !== undefined);
    const remedy = later || !('rota' in policy) ? 'see whether somebody should be on call now' : 'add its next shifts';
    return warn('it names nobody now', remedy, name);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'failed';
    return fail(
      `it does not answer: ${why}`,
      'run or fetch it by hand as the service account: until then it names nobody',
      name,
    );
  }
}

const auto: Check = {
  id: 'approval-by-rule',
  about: 'which sessions have rules that approve without a second person (`auto_approve`)',
  look: async (scene) =>
    orOk(
      Object.values((await scene.config()).sessions).flatMap(({ name, autoApprove = [] }) =>
        autoApprove.map((rule) =>
          warn(
            `rule ${rule.name} approves without a second person`,
            'remove it from auto_approve unless you want that; each use is in the journal as auto',
            name,
          ),
        ),
      ),
      'every grant needs a second person',
    ),
};

export const decisionChecks: readonly Check[] = [onCall, auto];
