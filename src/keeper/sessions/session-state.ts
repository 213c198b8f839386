// The state file of a session, which the next keeper reads, and the removal of everything that belongs to a session.
import { readState, removeState, writeState } from '../../adapters/state-file.ts';
import { forgetServer } from '../../adapters/tmux.ts';
import { personShape } from '../../core/request.ts';
import { integer, object, oneOf, optional, text } from '../../core/shape.ts';
import type { Owed, OwedOf } from '../../core/owed.ts';
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
  /** Missing in files of earlier versions, which knew only `none`. */
  privileges: optional(oneOf('none', 'account')),
  /** Its only user (`kind: dedicated`). */
  owner: optional(personShape),
  /** Since when it runs without a grant (`at_expiry: keep`): milliseconds since the epoch. */
  kept: optional(integer(0)),
});
/** A session as its state file has it. */
export type SessionState = NonNullable<ReturnType<typeof stateShape>>;

function statePath(deps: SessionStateDeps, id: string): string {
  return `${deps.layout.sessions}/${id}.json`;
}

/** Replaces the state file of a session. @throws an error of the file system */
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

/** The state of a session; undefined when its file is missing or cannot be understood. */
export async function readSession(deps: SessionStateDeps, id: string): Promise<SessionState | undefined> {
  return readState(statePath(deps, id), stateShape).catch(() => undefined);
}

/** The record `session-ended`, which the journal is owed from the beginning of a session on. */
export function sessionEnd(of: Told): OwedOf<'session-ended'> {
  return { event: 'session-ended', is: { id: of.id }, began: 'session-starting', facts: sessionFacts(of) };
}

type Told = Pick<Session, 'id' | 'owner'> & { readonly name: string | undefined };

/** The fields that all records of a session have. */
export function sessionFacts({ name, id, owner }: Told): { session: string | undefined; id: string; login?: string } {
  return { session: name, id, ...(owner === undefined ? {} : { login: owner.login }) };
}

/**
 * Removes a session's socket, folder and state file, after its cgroup has ended. Its home is removed in the background.
 * @param owed its end, which is journaled before the state file goes (law 7); undefined when the journal has the record already.
 */
export async function removeSession(deps: SessionStateDeps, id: string, owed: Owed | undefined): Promise<void> {
  await forgetServer(deps.layout, id);
  deps.sessionHomes.clear(id);
  const forget = async (): Promise<void> => removeState(statePath(deps, id));
  if (owed === undefined) return forget();
  await deps.outbox.recordAndForget(owed, forget);
}
