// The account of a session.
import type { Account, Accounts } from '../../adapters/accounts.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import { Refused } from '../../core/refusal.ts';

export interface SessionAccountDeps {
  readonly host: string;
  readonly accounts: Accounts;
  readonly service: Account;
}

/** The session account of a policy, which is neither root nor the service account. @throws Refused SESSION_ACCOUNT */
export async function accountOf(deps: SessionAccountDeps, policy: SessionPolicy): Promise<Account> {
  const account = await deps.accounts.byName(policy.runAs);
  if (account === undefined || account.uid === 0 || account.uid === deps.service.uid) {
    throw new Refused('SESSION_ACCOUNT', { session: policy.name, account: policy.runAs, host: deps.host });
  }
  return account;
}
