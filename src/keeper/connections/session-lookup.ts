// What a live connection needs to know of its session.
import type { Account } from '../../adapters/accounts.ts';
import type { Server } from '../../adapters/tmux.ts';
import type { SamePerson } from '../../core/identity.ts';

/** A running tmux server and its session account. */
export interface RunningServer {
  readonly server: Server;
  readonly account: Account;
}

/** Finds servers. */
export interface SessionLookup {
  /** The server that a visit of this person leads to; undefined when none runs. The same object each time for the same server. */
  find(name: string, who: SamePerson & { readonly login: string }): RunningServer | undefined;
}
