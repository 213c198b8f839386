// What the keeper writes down of a session for the next keeper, and how all of it is forgotten.
import { readState, removeState, writeState } from '../../adapters/state-file.ts';
import { forgetServer } from '../../adapters/tmux.ts';
import { personShape } from '../../core/request.ts';
import { integer, object, oneOf, optional, text } from '../../core/shape.ts';
import type { Owed } from '../../core/owed.ts';
import type { Session } from './session.ts';
import type { Layout } from '../../wire/layout.ts';
import type { Outbox } from '../state/outbox.ts';
import type { SessionHomes } from './session-homes.ts';

export interface SessionStateDeps {
  readonly layout: Layout;
  readonly outbox: Outbox;
  readonly sessionHomes: SessionHomes;
}

const stateShape = object({
  name: text(32),
  id: text(16),
  account: text(64),
  pid: integer(1),
  startTime: integer(0),
  since: integer(0),
  /** Left out by keepers that knew no other than `none`. */
  privileges: optional(oneOf('none', 'account')),
  /** Whose it is alone (`kind: dedicated`). */
  owner: optional(personShape),
  /** Since when no grant holds it: instant, milliseconds. */
  kept: optional(integer(0)),
});
export type SessionState = NonNullable<ReturnType<typeof stateShape>>;

function statePath(deps: SessionStateDeps, id: string): string {
  return `${deps.layout.sessions}/${id}.json`;
}

export async function writeSession(deps: SessionStateDeps, session: Session): Promise<void> {
  const { name, id, account, server, since, privileges, owner, kept } = session;
  const { pid, startTime } = server;
  const state: SessionState = {
    ...{ name, id, account: account.name, pid, startTime, since, privileges },
    ...(owner === undefined ? {} : { owner }),
    ...(kept === undefined ? {} : { kept }),
  };
  await writeState(statePath(deps, id), state, false);
}

export async function readSession(deps: SessionStateDeps, id: string): Promise<SessionState | undefined> {
  return readState(statePath(deps, id), stateShape).catch(() => undefined);
}

/** The record that is owed for a session from its beginning on. */
export function sessionEnd(of: Pick<Session, 'id' | 'owner'> & { readonly name: string | undefined }): Owed {
  const is = { id: of.id };
  const whose = of.owner === undefined ? {} : { login: of.owner.login };
  return { event: 'session-ended', is, began: 'session-starting', facts: { session: of.name, ...is, ...whose } };
}

/**
 * After its fence has ended: its socket, its folder, its state; its home follows by itself.
 * @param owed its end, which is written down; the state goes only after that (law 7). undefined: it has its record.
 */
export async function removeSession(deps: SessionStateDeps, id: string, owed: Owed | undefined): Promise<void> {
  await forgetServer(deps.layout, id);
  deps.sessionHomes.clear(id);
  const forget = async (): Promise<void> => removeState(statePath(deps, id));
  if (owed === undefined) return forget();
  await deps.outbox.recordAndForget(owed, forget);
}
