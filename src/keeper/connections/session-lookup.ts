// What a live connection needs to know of the session it is attached to.
import type { Account } from '../../adapters/accounts.ts';
import type { Server } from '../../adapters/tmux.ts';
import type { SamePerson } from '../../core/identity.ts';

export interface RunningServer {
  readonly server: Server;
  readonly account: Account;
}

export interface SessionLookup {
  /** The server that a visit of this person leads to, if it runs: the same object each time for the same server. */
  find(name: string, who: SamePerson & { readonly login: string }): RunningServer | undefined;
}
