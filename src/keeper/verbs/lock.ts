// The kill switch: `lock` keeps a login, or everyone, out of every host; `unlock` lifts that; `locks` lists who is locked out.
//
// 1. Root, and whoever may approve on this host, may lock. To take access away must be quick, so a live sign-in is enough.
// 2. A login that nobody knows is locked only with `--force`. Accident: a misspelt name locks nobody, and the person who was meant stays
//    connected.
// 3. Lifting takes a new sign-in, and nobody lifts a lock of their own login or identity (law 3). It lifts the lock that held when it
//    began, and no newer one. Attack: somebody leaves a sign-in waiting, and it lifts a lock that was made meanwhile for another reason.
import { oneLoginOrAll } from '../../core/messages/commands.ts';
import { everyoneLocked, locksHead, noLocks } from '../../core/messages/listings.ts';
import {
  confirmed,
  endedHere,
  lockChanged,
  copiesLine,
  unlockOf,
  waitingForHosts,
} from '../../core/messages/taking-away.ts';
import { everyone, type Lock } from '../../core/lock.ts';
import { isLogin } from '../../core/ids.ts';
import { mayReview } from '../../core/policy.ts';
import { isSamePerson } from '../../core/identity.ts';
import { personName } from '../../core/person-name.ts';
import { Refused } from '../../core/refusal.ts';
import { sanitizeLine } from '../../core/text.ts';
import { formatInstant } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { confirmationOf, enforce } from '../identity/locks.ts';
import { json, table } from '../../wire/listing.ts';
import { reauthenticate } from '../identity/identify.ts';
import { columnsOf, isRoot, type Visitor } from '../identity/visitor.ts';
import { actorOf, type Actor } from '../identity/actor.ts';

/**
 * Locks a login or everyone, and says which hosts confirmed.
 * @throws Refused BAD_COMMAND, LOCK_REASON, NOT_YOURS, LOCK_UNKNOWN, CHANGED_MEANWHILE; JOURNAL_DOWN or the like when it cannot be written:
 * the lock is enforced all the same
 */
export async function lock(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const target = targetOf(context, command);
  if ((command.reason ?? '') === '') throw new Refused('LOCK_REASON', { host: context.host, login: target });
  const actor = await actorOf(context, conversation, visitor);
  checkGuard(context, actor);
  if (command.force !== true && target !== everyone && !(await isKnown(context, target)))
    throw new Refused('LOCK_UNKNOWN', { host: context.host, login: target });
  const made = { target, number: context.locks.next(target), locked: true, by: actor.name };
  await change(context, conversation, made, command);
}

/**
 * Rule 2: an account of this host, or a login that this host or the store knows. A fault of the accounts database does not prevent a lock.
 */
async function isKnown(context: Context, login: string): Promise<boolean> {
  const isTheirs = ({ who }: { readonly who: { readonly login: string } }): boolean => who.login === login;
  if (context.pins.of(login) !== undefined || context.locks.all().some((one) => one.target === login)) return true;
  if (context.liveGrants.all().some(({ grant }) => isTheirs(grant))) return true;
  if (context.connections.all().some(({ state }) => isTheirs(state))) return true;
  const account = await context.accounts.byName(login).catch(() => 'unasked');
  if (account !== undefined) return true;
  return context.store.live({ login }).then(
    (grants) => grants.length > 0,
    () => false,
  );
}

/** Lifts a lock (rule 3). @throws Refused BAD_COMMAND, NOT_LOCKED, OWN_LOCK, NOT_YOURS, CHANGED_MEANWHILE, JOURNAL_DOWN */
export async function unlock(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const target = targetOf(context, command);
  const known = context.locks.all().find((one) => one.target === target);
  if (known?.locked !== true) throw new Refused('NOT_LOCKED', { login: target, host: context.host });
  if (isRoot(visitor))
    return lift(
      context,
      conversation,
      { by: (await actorOf(context, conversation, visitor)).name, seen: known },
      command,
    );
  if (visitor.login === target) throw new Refused('OWN_LOCK', { host: context.host });
  const identity = await reauthenticate(context, conversation, visitor, unlockOf(named(target)));
  const pin = context.pins.of(target);
  if (pin !== undefined && isSamePerson(pin, identity)) throw new Refused('OWN_LOCK', { host: context.host });
  const duty = await context.onCall.duty();
  if (!Object.values(context.config.sessions).some((policy) => mayReview(policy, identity, duty)))
    throw new Refused('NOT_YOURS', { host: context.host });
  const name = personName({ login: visitor.login, claim: identity.claim });
  await lift(context, conversation, { by: name, seen: known }, command);
}

/** Rule 3: with the number after the lock that was seen. @throws Refused CHANGED_MEANWHILE */
async function lift(
  context: Context,
  conversation: Conversation,
  { by, seen }: { readonly by: string; readonly seen: Lock },
  command: Command,
): Promise<void> {
  const made = { target: seen.target, number: seen.number + 1, locked: false, by };
  await change(context, conversation, made, command);
}

function targetOf(context: Context, { words, all }: Command): string {
  const [login] = words;
  if (all === true && login === undefined) return everyone;
  if (all !== true && login !== undefined && isLogin(login)) return login;
  throw new Refused('BAD_COMMAND', { problem: oneLoginOrAll, host: context.host });
}

/** Rule 1. @throws Refused NOT_YOURS */
function checkGuard(context: Context, { person, duty }: Actor): void {
  if (person === undefined) return;
  if (!Object.values(context.config.sessions).some((policy) => mayReview(policy, person, duty)))
    throw new Refused('NOT_YOURS', { host: context.host });
}

async function change(
  context: Context,
  conversation: Conversation,
  asked: Omit<Lock, 'reason' | 'at'>,
  command: Command,
): Promise<void> {
  const { target, locked, by } = asked;
  const reason = sanitizeLine(command.reason ?? '', 400);
  const made: Lock = { ...asked, reason, at: context.now() };
  const jws = await context.keys.sign('lock', made);
  const ended = await context.oneByOne(`lock ${target}`, async () => enforce(context, { lock: made, jws }));
  if (ended === undefined) throw new Refused('CHANGED_MEANWHILE', { host: context.host });
  const told = await tellPeers(context, conversation, made, jws);
  const here = [
    lockChanged(named(target), locked),
    confirmed(context.host, true),
    ...(locked ? [endedHere(ended)] : []),
  ];
  const peers = told.answers.map(([host, sure]) => confirmed(host, sure));
  conversation.out([here.join(' '), ...peers, ...copiesLine(told.copies)]);
  context.notifier.send({ event: locked ? 'locked' : 'unlocked', login: target, by, reason, host: context.host });
}

/** Undefined: everyone. */
const named = (target: string): string | undefined => (target === everyone ? undefined : sanitizeLine(target, 64));

/** How long the other hosts may take to confirm. */
const confirmMs = 5_000;

/** Which hosts confirmed, and on how many servers of the store the lock stands. */
interface Told {
  readonly answers: readonly (readonly [host: string, sure: boolean])[];
  readonly copies: number | undefined;
}

async function tellPeers(context: Context, conversation: Conversation, made: Lock, jws: string): Promise<Told> {
  const peers = Object.keys(context.config.peers);
  const id = confirmationOf(jws);
  const answers = peers.map(
    async (host) => [host, await context.peerConfirmations.expect(host, id, confirmMs)] as const,
  );
  const told = context.store
    .copied(async () => context.store.lock(made.target, jws))
    .catch((error: unknown) => {
      context.log.warn('lock-not-in-store', { target: made.target, error });
      return undefined;
    });
  if (peers.length === 0) return { answers: [], copies: await told };
  const heard = await conversation.wait(waitingForHosts, undefined, async () => Promise.all(answers));
  return { answers: heard, copies: await told };
}

/** Lists the locks that hold. @throws Refused NOT_YOURS */
export async function locks(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const actor = await actorOf(context, conversation, visitor);
  const held = context.locks.all().filter((one) => one.locked);
  const { person } = actor;
  if (person !== undefined) checkGuard(context, actor);
  if (command.json) return conversation.out([json(held)]);
  if (held.length === 0) return conversation.out([noLocks]);
  const rows = held.map(({ target, at, by, reason }) => [
    target === everyone ? everyoneLocked : target,
    formatInstant(at),
    by,
    reason,
  ]);
  conversation.out(table(locksHead, rows, columnsOf(visitor)));
}
