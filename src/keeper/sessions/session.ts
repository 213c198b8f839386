// A session that runs on this host.
import type { Account } from '../../adapters/accounts.ts';
import type { Server } from '../../adapters/tmux.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import type { Person } from '../../core/request.ts';

export interface Session {
  readonly name: string;
  readonly id: string;
  readonly account: Account;
  readonly server: Server;
  readonly since: number;
  /** As it was started: what has gained rights once is not without them because the policy changed. */
  readonly privileges: SessionPolicy['privileges'];
  /** Whose it is alone; undefined: everyone's who has a grant for it. */
  readonly owner: Person | undefined;
  /** Since when it runs without any grant, because `at_expiry: keep` says so: instant, milliseconds. */
  readonly kept: number | undefined;
}
