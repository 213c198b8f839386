// What the keeper writes down of a session for the next keeper, and how all of it is forgotten.
import { homeIds, removeHome } from '../adapters/tmux-home.ts';
import { readState, removeState, writeState } from '../adapters/state-file.ts';
import { forgetServer } from '../adapters/tmux.ts';
import { personShape } from '../core/request.ts';
import { integer, object, oneOf, optional, text } from '../core/shape.ts';
import type { House } from './house.ts';
import type { Owed } from '../core/owed.ts';
import type { Session } from './sessions.ts';

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

function statePath(house: House, id: string): string {
  return `${house.layout.sessions}/${id}.json`;
}

export async function writeSession(house: House, session: Session): Promise<void> {
  const { name, id, account, server, since, privileges, owner, kept } = session;
  const { pid, startTime } = server;
  const state: SessionState = {
    ...{ name, id, account: account.name, pid, startTime, since, privileges },
    ...(owner === undefined ? {} : { owner }),
    ...(kept === undefined ? {} : { kept }),
  };
  await writeState(statePath(house, id), state, false);
}

export async function readSession(house: House, id: string): Promise<SessionState | undefined> {
  return readState(statePath(house, id), stateShape).catch(() => undefined);
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
export async function removeSession(house: House, id: string, owed: Owed | undefined): Promise<void> {
  await forgetServer(house.layout, id);
  void clearHome(house, id);
  const forget = async (): Promise<void> => removeState(statePath(house, id));
  if (owed === undefined) return forget();
  await house.outbox.recordAndForget(owed, forget);
}

/** Homes that are being removed: an end and the look for strays may meet. */
const clearing = new Set<string>();

/** Millions of files may be in it, so nothing waits for this. Never rejects; what is left, the next keeper finds. */
async function clearHome(house: House, id: string): Promise<void> {
  if (clearing.has(id)) return;
  clearing.add(id);
  try {
    const { homes } = house.layout;
    if (!(await homeIds(homes)).includes(id)) return;
    const left = await removeHome(homes, id);
    if (left === undefined) await house.journal.write('home-removed', { id });
    else await house.journal.write('home-left', { id, why: left });
  } catch (error) {
    house.log.error('home-not-removed', { id, error });
  } finally {
    clearing.delete(id);
  }
}

/** Homes whose session is no more: the keeper, or the host, died before they were removed. */
export async function clearStrayHomes(house: House): Promise<void> {
  const known = house.sessions.all().map(({ id }) => id);
  for (const id of await homeIds(house.layout.homes)) if (!known.includes(id)) void clearHome(house, id);
}
