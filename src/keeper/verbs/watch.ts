// Watch: the live board of whoever is on call, with approve, deny and revoke on keys.
//
// 1. It shows what `requests`, `grants` and `connections` show the same person, and no longer than they would be shown those: lock,
//    sign-in, the group and sudo's rule are looked at again while it stands.
// 2. A key that acts is the typed verb: the same handler, after the same look at who it is, with the same whole request on the screen
//    and the same new sign-in. The board itself decides nothing.
// 3. What it names is the id that was selected on the screen. Whatever that id is by now, the handler judges it.
// 4. A refusal there is told, journaled, and leaves the board standing; a cancel there goes back to it.
import { knownTerm } from '../../adapters/terminfo.ts';
import { Refused } from '../../core/refusal.ts';
import type { Act, ActVerb, BoardKey } from '../../wire/board-messages.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { checkOpen } from '../open.ts';
import { writeRefusal } from '../refused.ts';
import type { Seat } from '../watchers.ts';
import { identify, type Visitor } from '../visit/identify.ts';
import { actorOf, type Actor } from './actor.ts';
import { frameOf, type Said } from './board-frame.ts';
import { approve, deny } from './review.ts';
import { revoke } from './revoke.ts';

const handlers = { approve, deny, revoke } as const satisfies Record<ActVerb, unknown>;

export async function watch(house: House, door: Door, visitor: Visitor): Promise<void> {
  const { tty, term } = visitor.hello;
  if (!tty || (await knownTerm(term)) === undefined) throw new Refused('NO_TERMINAL', { host: house.host });
  const actor = await actorOf(house, door, visitor);
  const news = openNews(door);
  const seat = await house.watchers.sit(visitor.login, news.tell);
  try {
    await stand(house, door, { visitor, actor, seat, news });
  } finally {
    seat.leave();
  }
}

interface Watching {
  readonly visitor: Visitor;
  readonly actor: Actor;
  readonly seat: Seat;
  readonly news: News;
}

/** Until the person leaves. @throws Refused */
async function stand(house: House, door: Door, { visitor, actor, seat, news }: Watching): Promise<void> {
  const look = openLook(house, door, visitor, actor);
  let said: Said = { answered: 0, says: [] };
  let shown = '';
  for (;;) {
    door.gone.throwIfAborted();
    const { who, again } = await look();
    const frame = frameOf(house, who, visitor.login, seat.scene(), said);
    const next = JSON.stringify(frame);
    if (next !== shown || again) door.board(frame);
    shown = next;
    const key = await news.next();
    if (key?.t === 'leave') return;
    if (key?.t === 'act') said = await carryOut(house, door, visitor, key);
  }
}

/** Rule 1. @returns who looks, and whether something else was on the screen meanwhile. */
function openLook(
  house: House,
  door: Door,
  visitor: Visitor,
  first: Actor,
): () => Promise<{ readonly who: Actor; readonly again: boolean }> {
  let who = first;
  let identified = house.now();
  return async () => {
    checkOpen(house, visitor, 'watch');
    if (house.now() - identified >= house.config.signIn.recheckMs) {
      await identify(house, visitor.hello);
      identified = house.now();
    }
    const again = !isSignedIn(house, visitor, who);
    if (again) who = await door.within(async (inner) => actorOf(house, inner, visitor));
    // Whoever was on call when they came may not be any more.
    if (who.person !== undefined) who = { ...who, duty: await house.onCall.duty() };
    return { who, again };
  };
}

function isSignedIn(house: House, { login }: Visitor, { person }: Actor): boolean {
  if (person === undefined) return true;
  return house.now() < person.until && person.at > house.tombstones.barredUntil(login);
}

/** Rules 2 to 4. */
async function carryOut(house: House, door: Door, visitor: Visitor, act: Act): Promise<Said> {
  const says: string[] = [];
  const { n: answered, verb, id, reason, cols, rows } = act;
  const command: Command = { verb, words: [id], json: false, ...(reason === undefined ? {} : { reason }) };
  const hello = { ...visitor.hello, cols, rows };
  try {
    await door.within(async (inner) => {
      const now = await identify(house, hello);
      checkOpen(house, now, verb);
      await handlers[verb](house, { ...inner, out: (lines) => says.push(...lines) }, now, command);
    });
  } catch (error) {
    door.gone.throwIfAborted();
    // What a cancel hints at, connecting again, is what the board saves.
    await writeRefusal(house, hello, `${verb} ${id}`, error, ({ say, code, hint }) =>
      says.push(`${say} [${code}]`, ...(code === 'CANCELLED' ? [] : [hint])),
    );
  }
  return { answered, says };
}

interface News {
  readonly tell: () => void;
  /** The next key; undefined when there is something new to show. @throws Refused CANCELLED when the line is lost */
  next(): Promise<BoardKey | undefined>;
}

/** Keys and changes, one after another. Of keys only one waits, and that somebody leaves is not forgotten over another. */
function openNews(door: Door): News {
  let key: BoardKey | undefined;
  let news = false;
  let wake: () => void = () => undefined;
  door.onKey((pressed) => {
    if (key?.t !== 'leave') key = pressed;
    wake();
  });
  door.gone.addEventListener('abort', () => wake());
  return {
    tell: () => {
      news = true;
      wake();
    },
    next: async () => {
      while (key === undefined && !news && !door.gone.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      door.gone.throwIfAborted();
      const pressed = key;
      [key, news] = [undefined, false];
      return pressed;
    },
  };
}
