// Extend: more time, asked for from a second terminal before the grant ends (design section 6). A request like any other; what it
// opens is that the window which is open goes on.
//
// 1. It is asked for by the person whose grant it is, signed in under the login that holds it.
// 2. What cannot be granted is not asked for: no further than the policy's longest window from now, nothing of what break-glass opened.
// 3. It goes on as what it is: more of a look lets nobody type.
// 4. Whoever asks twice joins what waits (ask, rule 3).
// 5. Whoever waited when a keeper ended comes back for that request alone, also when the grant has ended by then (visit/returning.ts).
import { isBreakGlass } from '../../core/break-glass.ts';
import { possibleMore } from '../../core/extension.ts';
import { effectiveEnd, type LiveGrant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import { parseId } from '../../core/ids.ts';
import { decide as judge } from '../../core/policy.ts';
import { Refused } from '../../core/refusal.ts';
import type { RequestFacts } from '../../core/request.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { formatClock, formatDuration, parseDuration, spellDuration } from '../../core/time.ts';
import { fitsInTime } from '../../adapters/pattern.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { checkLock } from '../locks.ts';
import { heardMeanwhile, hearAnswer, newRequest, ownPending } from '../visit/ask.ts';
import { accountOf, refusedBy, type Wish } from '../visit/decide.ts';
import { signedIn, type Visitor } from '../visit/identify.ts';
import { prolonged } from '../visit/prolong.ts';
import { waitedFor } from '../visit/returning.ts';

export async function extend(house: House, door: Door, visitor: Visitor, command: Command): Promise<void> {
  const { host } = house;
  const { login } = visitor;
  if (login === 'root') throw new Refused('NEEDS_A_PERSON', { host });
  const { id, moreMs } = readWords(house, command);
  const who = await signedIn(house, door, visitor);
  checkLock(house, who.login);
  const asking = { who, visitor, command: { ...command, forMs: moreMs } };
  const waited = await waitedFor(house, who, visitor);
  const facts =
    waited === undefined
      ? await askFor(house, door, asking, theirs(house, who, id, command.session))
      : await hearAgain(house, door, asking, waited);
  await house.settled();
  const granted = house.book.all().find(({ grant }) => grant.request === facts.id);
  const { id: request, session } = facts;
  if (granted === undefined) throw new Refused('EXTENSION_LATE', { request, session, host });
  const end = effectiveEnd(granted);
  const left = formatDuration(end - house.now());
  door.out([`Extended ${nameOf(house, facts)}: ${session} on ${host} until ${formatClock(end)} (${left} left).`]);
}

interface Asking {
  readonly who: SignIn;
  readonly visitor: Visitor;
  /** With how much more. */
  readonly command: Command;
}

/** Rule 4. @returns what was approved. @throws Refused */
async function askFor(
  house: House,
  door: Door,
  { who, visitor, command }: Asking,
  live: LiveGrant,
): Promise<RequestFacts> {
  const wish = await wishOf(house, who, live.grant, command);
  const facts =
    (await ownPending(house, who, wish, true)) ?? (await newExtension(house, door, who, visitor, wish, live));
  await hear(house, door, wish, facts);
  return facts;
}

/** Rule 5. @returns what was approved. @throws Refused */
async function hearAgain(
  house: House,
  door: Door,
  { who, visitor, command }: Asking,
  waited: RequestFacts,
): Promise<RequestFacts> {
  const wish = await wishOf(house, who, waited, command);
  const told = await heardMeanwhile(house, door, who, visitor, await ownPending(house, who, wish, true));
  if (told === undefined) await hear(house, door, wish, waited);
  return waited;
}

/** No longer than what is to go on does. */
async function hear(house: House, door: Door, wish: Wish, facts: RequestFacts): Promise<void> {
  const live = prolonged(house, facts);
  const { answerBy } = facts;
  await hearAnswer(house, door, wish, facts, live === undefined ? answerBy : Math.min(answerBy, effectiveEnd(live)));
}

/** What was extended, by its request; by its own id where it has ended since. */
function nameOf({ book }: House, { extends: prolongs }: RequestFacts): string {
  const id = prolongs?.grant ?? '';
  return book.find(id)?.grant.request ?? id;
}

/** `15m`, or the id of a grant or of its request before it. */
function readWords(house: House, { words }: Command): { id: string | undefined; moreMs: number } {
  const time = words.at(-1) ?? '';
  const moreMs = parseDuration(time);
  const problem = `"${time}" is no time: write extend 15m`;
  if (moreMs === undefined) throw new Refused('BAD_COMMAND', { problem, host: house.host });
  const id = words.length < 2 ? undefined : (parseId(words[0] ?? '') ?? words[0]);
  return { id, moreMs };
}

/** Rules 1 to 3: of the grants that hold one session open for them to do the same, the one that ends last. @throws Refused */
function theirs(house: House, who: SignIn, id: string | undefined, session: string | undefined): LiveGrant {
  const { host } = house;
  const named = house.book
    .all()
    .filter(({ grant }) => grant.who.login === who.login && (session === undefined || grant.session === session))
    .filter(({ grant }) => id === undefined || grant.id === id || grant.request === id);
  const own = named.filter(({ grant }) => isSamePerson(grant.who, who));
  const one = own.find(({ grant }) => grant.mode === undefined) ?? own[0];
  const glass = named.find(({ grant }) => isBreakGlass(grant));
  if (one === undefined && glass !== undefined)
    throw new Refused('GLASS_FIXED', { host, session: glass.grant.session });
  if (one === undefined) throw new Refused('NO_SUCH_GRANT', { grant: id === undefined ? 'of yours' : `"${id}"`, host });
  const sessions = new Set(own.map(({ grant }) => grant.session));
  const problem = `you hold several; name one: ${own.map(({ grant }) => grant.request).join(', ')}`;
  if (sessions.size > 1) throw new Refused('BAD_COMMAND', { problem, host });
  const door = { host, session: one.grant.session, login: who.login };
  return house.book.latestFor(who, door, ({ grant }) => grant.mode === one.grant.mode) ?? one;
}

/** What the policy says now: its groups, its account. @throws Refused */
async function wishOf(
  house: House,
  who: SignIn,
  { session, mode }: Pick<RequestFacts, 'session' | 'mode'>,
  command: Command,
): Promise<Wish> {
  const { reason } = command;
  const decision = judge(house.config, who, { session, ...(reason === undefined ? {} : { reason }) }, fitsInTime);
  if (!decision.allow) throw refusedBy(house, decision.code, session, decision.rule);
  const account = await accountOf(house, decision.policy);
  return { policy: decision.policy, account, rule: decision.rule, term: '', command, mode: mode ?? 'type' };
}

async function newExtension(
  house: House,
  door: Door,
  who: SignIn,
  visitor: Visitor,
  wish: Wish,
  live: LiveGrant,
): Promise<RequestFacts> {
  checkRoomFor(house, wish, live);
  // Nobody can be asked for a reason where there is no terminal.
  if (wish.command.reason === undefined && !visitor.hello.tty)
    throw refusedBy(house, 'BAD_REASON', wish.policy.name, 'no reason');
  const prolongs = { grant: live.grant.id, until: effectiveEnd(live) };
  return (await newRequest(house, door, who, visitor, wish, prolongs)).facts;
}

/** Rule 2. */
function checkRoomFor(house: House, { policy, command }: Wish, live: LiveGrant): void {
  const { maxMs } = policy.window;
  const possible = possibleMore(effectiveEnd(live), house.now(), maxMs);
  if ((command.forMs ?? 0) <= possible) return;
  const max = formatDuration(maxMs).replace(/\s/g, '');
  const less =
    possible === 0 ? 'later, when less of it is left' : `ssh ${house.host} extend ${spellDuration(possible)}`;
  throw new Refused('WINDOW_TOO_LONG', { session: policy.name, max, less });
}
