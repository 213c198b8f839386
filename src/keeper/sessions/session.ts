// A session that runs on this host.
import type { Account } from '../../adapters/accounts.ts';
import type { Server } from '../../adapters/tmux.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import type { Person } from '../../core/request.ts';

/** A tmux server of this host, as the keeper knows it. */
export interface Session {
  readonly name: string;
  readonly id: string;
  readonly account: Account;
  readonly server: Server;
  /** Its start: milliseconds since the epoch. */
  readonly since: number;
  /** As it was started: a change of the policy does not take gained rights from running processes. */
  readonly privileges: SessionPolicy['privileges'];
  /** Its only user; undefined: everyone who has a grant for it. */
  readonly owner: Person | undefined;
  /** Since when it runs without any grant, because the policy says `at_expiry: keep`: milliseconds since the epoch. */
  readonly kept: number | undefined;
}

/** Whether a server runs as this policy would start it: account, kind and privileges. */
export function isStartedBy(policy: SessionPolicy, { account, privileges, owner }: Session): boolean {
  const kind = owner === undefined ? 'shared' : 'dedicated';
  return policy.runAs === account.name && policy.kind === kind && policy.privileges === privileges;
}
