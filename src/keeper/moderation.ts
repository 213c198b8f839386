// `moderated: true`: whoever types is looked on by another person who may approve, or types nothing (law 3, also inside).
//
// 1. It starts held, and passes once the journal has who looks on (law 7); it is held again in the same turn of the event loop
//    as that person's connection begins to end.
// 2. Who looks on is another person by subject and by login, known to the same provider, an approver by the policy as it is now,
//    attached to the same session, with a gate that this keeper hears. Attack: a second login of the same subject.
// 3. A keeper that starts anew trusts nothing that the earlier one told: each gate that comes back is held until somebody who
//    looks on has come back as well.
import { tell } from '../adapters/tmux.ts';
import { isBreakGlass } from '../core/break-glass.ts';
import { sessionOf } from '../core/policy.ts';
import type { SessionPolicy } from '../core/policy-types.ts';
import type { Person } from '../core/request.ts';
import { isAnother, stillApproves } from '../core/sight.ts';
import type { InputRule } from '../wire/messages.ts';
import type { Connection, ConnectionState } from './connections.ts';
import type { House } from './house.ts';

/** What a gate is told before anything is known of who looks on. */
export function firstRule(house: House, { session, mode }: Pick<ConnectionState, 'session' | 'mode'>): InputRule {
  const policy = sessionOf(house.config, session);
  if (mode === 'view' || policy === undefined || policy.mode === 'view') return 'never';
  return policy.moderated ? 'held' : 'pass';
}

/** Whenever somebody came, went or came back: each of the session's gates is told what holds now. Never throws. */
export function moderate(house: House, session: string): void {
  const policy = sessionOf(house.config, session);
  if (policy?.moderated !== true) return;
  for (const connection of typing(house, session)) {
    const by = lookerOn(house, policy, connection);
    if (by === undefined && connection.input === 'pass') hold(house, connection);
    if (by !== undefined && connection.input === 'held') letPass(house, policy, connection).catch(unwritten(house));
  }
  show(house, session);
}

const isThere = ({ entered, over, door }: Connection): boolean =>
  entered && over === undefined && door !== undefined && !door.gone.aborted;

function typing(house: House, session: string): readonly Connection[] {
  return house.connections
    .all()
    .filter((one) => one.state.session === session && one.input !== 'never' && isThere(one));
}

/** Rule 2. */
function lookerOn(house: House, policy: SessionPolicy, connection: Connection): Connection | undefined {
  const typist = personBehind(house, connection.state.who);
  if (typist === undefined) return undefined;
  const approves = ({ state }: Connection): boolean => stillApproves(policy, state.approves ?? []);
  return house.connections
    .all()
    .find(
      (one) => one.state.session === policy.name && isThere(one) && approves(one) && isAnother(one.state.who, typist),
    );
}

/** Who broke the glass proved nothing: the login's owner is who its pin says, and nobody where there is none. */
function personBehind(house: House, who: Person): Person | undefined {
  if (!isBreakGlass({ who })) return who;
  const pin = house.pins.of(who.login);
  return pin === undefined ? undefined : { ...who, ...pin };
}

/** Rule 1. What was held or has gone while the record was written stays held. */
async function letPass(house: House, policy: SessionPolicy, connection: Connection): Promise<void> {
  await house.oneByOne(`input ${connection.state.id}`, async () => {
    const by = lookerOn(house, policy, connection);
    if (by === undefined || connection.input !== 'held') return;
    const { id, who, grant } = by.state;
    const looks = { connection: id, login: who.login, identity: who, grant };
    await house.journal.write('input-passes', { ...facts(connection), looks });
    if (lookerOn(house, policy, connection) === undefined || !isThere(connection)) return hold(house, connection);
    connection.input = 'pass';
    connection.door?.input('pass');
    house.watchers.stir();
  });
  show(house, policy.name);
}

/** At once; the record follows. */
function hold(house: House, connection: Connection): void {
  connection.input = 'held';
  connection.door?.input('held');
  house.watchers.stir();
  house.journal.write('input-held', facts(connection)).catch(unwritten(house));
}

function facts({ state: { id, session, who } }: Connection): Record<string, unknown> {
  return { connection: id, session, login: who.login, identity: who };
}

const unwritten =
  (house: House) =>
  (error: unknown): void =>
    house.log.error('input-not-journaled', { error });

/** The courtesy in the session's status line: whose keys are held. In turn, so that what is told last is what holds. */
function show(house: House, session: string): void {
  void house.oneByOne(`held ${session}`, async () => showNow(house, session));
}

async function showNow(house: House, session: string): Promise<void> {
  const all = typing(house, session);
  const [first] = all;
  const running = first === undefined ? undefined : house.sessions.find(session, first.state.who);
  if (running === undefined) return;
  const held = all.filter(({ input }) => input === 'held').map(({ state }) => state.who.login);
  await tell(running.server, running.account, 'held', [...new Set(held)].join(' '));
}
