// `moderated: true`: a person's input passes only while another person who may approve views the session (law 3, inside the session).
//
// 1. Input starts held. It passes once the journal has who views (law 7), and is held again in the same turn of the event loop in which
//    that person's connection begins to end.
// 2. The viewer is another person by subject and by login, known to the same provider, an approver by the policy as it is now, attached to
//    the same session, with a gate that this keeper hears. Attack: a second login of the same subject.
// 3. A keeper that starts does not rely on what the earlier one told the gates: each gate that comes back is held until a viewer has come
//    back as well.
import { tell } from '../../adapters/tmux.ts';
import { isBreakGlass } from '../../core/break-glass.ts';
import type { EventFields } from '../../core/events/events.ts';
import { sessionOf } from '../../core/policy.ts';
import type { Config, SessionPolicy } from '../../core/policy-types.ts';
import type { Person } from '../../core/request.ts';
import { isAnother, stillApproves } from '../../core/access-mode.ts';
import type { InputRule } from '../../wire/messages.ts';
import type { Connection, ConnectionState } from './connection.ts';
import type { Connections } from './connections.ts';
import type { Pins } from '../state/pins.ts';
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Log } from '../../adapters/log.ts';
import type { SessionLookup } from './session-lookup.ts';

export interface ModerationDeps {
  readonly config: Config;
  readonly connections: Connections;
  readonly pins: Pins;
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  readonly journal: Journal;
  readonly log: Log;
  readonly sessions: SessionLookup;
}

/** The input rule of a connection before the keeper knows who views. */
export function firstRule(
  deps: ModerationDeps,
  { session, mode }: Pick<ConnectionState, 'session' | 'mode'>,
): InputRule {
  const policy = sessionOf(deps.config, session);
  if (mode === 'view' || policy === undefined || policy.mode === 'view') return 'never';
  return policy.moderated ? 'held' : 'pass';
}

/** Call it when somebody comes, goes or comes back: tells each gate of the session whether input passes. Never throws. */
export function moderate(deps: ModerationDeps, session: string): void {
  const policy = sessionOf(deps.config, session);
  if (policy?.moderated !== true) return;
  for (const connection of typing(deps, session)) {
    const by = viewerOf(deps, policy, connection);
    if (by === undefined && connection.input === 'pass') hold(deps, connection);
    if (by !== undefined && connection.input === 'held') letPass(deps, policy, connection).catch(unwritten(deps));
  }
  showHeld(deps, session);
}

const isThere = ({ entered, over, conversation }: Connection): boolean =>
  entered && over === undefined && conversation !== undefined && !conversation.gone.aborted;

function typing(deps: ModerationDeps, session: string): readonly Connection[] {
  return deps.connections.all().filter((one) => one.state.session === session && one.input !== 'never' && isThere(one));
}

/** Rule 2: the viewer who lets this connection's input pass. */
function viewerOf(deps: ModerationDeps, policy: SessionPolicy, connection: Connection): Connection | undefined {
  const typist = personBehind(deps, connection.state.who);
  if (typist === undefined) return undefined;
  const approves = ({ state }: Connection): boolean => stillApproves(policy, state.approves ?? []);
  return deps.connections
    .all()
    .find(
      (one) => one.state.session === policy.name && isThere(one) && approves(one) && isAnother(one.state.who, typist),
    );
}

/** A break-glass code proves no identity: the person is the one whom the login's pin names, or unknown without a pin. */
function personBehind(deps: ModerationDeps, who: Person): Person | undefined {
  if (!isBreakGlass({ who })) return who;
  const pin = deps.pins.of(who.login);
  return pin === undefined ? undefined : { ...who, ...pin };
}

/** Rule 1. If it was held, or the connection has gone, while the record was written, it stays held. */
async function letPass(deps: ModerationDeps, policy: SessionPolicy, connection: Connection): Promise<void> {
  await deps.oneByOne(`input ${connection.state.id}`, async () => {
    const by = viewerOf(deps, policy, connection);
    if (by === undefined || connection.input !== 'held') return;
    const { id, who, grant } = by.state;
    const viewer = { connection: id, login: who.login, identity: who, grant };
    await deps.journal.write('input-passes', { ...facts(connection), viewer });
    if (viewerOf(deps, policy, connection) === undefined || !isThere(connection)) return hold(deps, connection);
    connection.input = 'pass';
    connection.conversation?.input('pass');
    deps.connections.changed();
  });
  showHeld(deps, policy.name);
}

/** Holds at once; the record is written afterwards. */
function hold(deps: ModerationDeps, connection: Connection): void {
  connection.input = 'held';
  connection.conversation?.input('held');
  deps.connections.changed();
  deps.journal.write('input-held', facts(connection)).catch(unwritten(deps));
}

function facts({ state: { id, session, who } }: Connection): EventFields<'input-held'> {
  return { connection: id, session, login: who.login, identity: who };
}

const unwritten =
  (deps: ModerationDeps) =>
  (error: unknown): void =>
    deps.log.error('input-not-journaled', { error });

/** Shows in the session's status line whose keys are held. One after another, so that the last state shown is the current one. */
export function showHeld(deps: ModerationDeps, session: string): void {
  void deps.oneByOne(`held ${session}`, async () => showNow(deps, session));
}

async function showNow(deps: ModerationDeps, session: string): Promise<void> {
  const all = typing(deps, session);
  const [first] = all;
  const running = first === undefined ? undefined : deps.sessions.find(session, first.state.who);
  if (running === undefined) return;
  const held = all.filter(({ input }) => input === 'held').map(({ state }) => state.who.login);
  await tell(running.server, running.account, 'held', [...new Set(held)].join(' '));
}
