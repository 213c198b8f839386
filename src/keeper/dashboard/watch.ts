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
import type { Act, ActVerb, DashboardKey } from '../../wire/dashboard-messages.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { checkLockPolicy } from '../identity/check-lock.ts';
import { writeRefusal } from '../notices/report-refusal.ts';
import type { Subscription } from './subscribers.ts';
import { identify } from '../identity/identify.ts';
import type { Visitor } from '../identity/visitor.ts';
import { actorOf, type Actor } from '../identity/actor.ts';
import { frameOf, type Said } from './frame.ts';
import { approve, deny } from '../verbs/review.ts';
import { revoke } from '../verbs/revoke.ts';

const handlers = { approve, deny, revoke } as const satisfies Record<ActVerb, unknown>;

export async function watch(context: Context, conversation: Conversation, visitor: Visitor): Promise<void> {
  const { tty, term } = visitor.hello;
  if (!tty || (await knownTerm(term)) === undefined) throw new Refused('NO_TERMINAL', { host: context.host });
  const actor = await actorOf(context, conversation, visitor);
  const news = openNews(conversation);
  const subscription = await context.subscribers.subscribe(visitor.login, news.tell);
  try {
    await stand(context, conversation, { visitor, actor, seat: subscription, news });
  } finally {
    subscription.leave();
  }
}

interface Watching {
  readonly visitor: Visitor;
  readonly actor: Actor;
  readonly seat: Subscription;
  readonly news: News;
}

/** Until the person leaves. @throws Refused */
async function stand(
  context: Context,
  conversation: Conversation,
  { visitor, actor, seat: subscription, news }: Watching,
): Promise<void> {
  const look = openLook(context, conversation, visitor, actor);
  let said: Said = { answered: 0, says: [] };
  let shown = '';
  for (;;) {
    conversation.gone.throwIfAborted();
    const { who, again } = await look();
    const frame = frameOf(context, { actor: who, login: visitor.login }, subscription.data(), said);
    const next = JSON.stringify(frame);
    if (next !== shown || again) conversation.board(frame);
    shown = next;
    const key = await news.next();
    if (key?.t === 'leave') return;
    if (key?.t === 'act') said = await carryOut(context, conversation, visitor, key);
  }
}

/** Rule 1. @returns who looks, and whether something else was on the screen meanwhile. */
function openLook(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  first: Actor,
): () => Promise<{ readonly who: Actor; readonly again: boolean }> {
  let who = first;
  let identified = context.now();
  return async () => {
    checkLockPolicy(context, visitor, 'watch');
    if (context.now() - identified >= context.config.signIn.recheckMs) {
      await identify(context, visitor.hello);
      identified = context.now();
    }
    const again = !isSignedIn(context, visitor, who);
    if (again) who = await conversation.within(async (inner) => actorOf(context, inner, visitor));
    // Whoever was on call when they came may not be any more.
    if (who.person !== undefined) who = { ...who, duty: await context.onCall.duty() };
    return { who, again };
  };
}

function isSignedIn(context: Context, { login }: Visitor, { person }: Actor): boolean {
  if (person === undefined) return true;
  return context.now() < person.until && person.at > context.tombstones.barredUntil(login);
}

/** Rules 2 to 4. */
async function carryOut(context: Context, conversation: Conversation, visitor: Visitor, act: Act): Promise<Said> {
  const says: string[] = [];
  const { n: answered, verb, id, reason, cols, rows } = act;
  const command: Command = { verb, words: [id], json: false, ...(reason === undefined ? {} : { reason }) };
  const hello = { ...visitor.hello, cols, rows };
  try {
    await conversation.within(async (inner) => {
      const now = await identify(context, hello);
      checkLockPolicy(context, now, verb);
      await handlers[verb](context, { ...inner, out: (lines) => says.push(...lines) }, now, command);
    });
  } catch (error) {
    conversation.gone.throwIfAborted();
    // What a cancel hints at, connecting again, is what the board saves.
    await writeRefusal(context, { hello, command: `${verb} ${id}`, error }, ({ say, code, hint }) =>
      says.push(`${say} [${code}]`, ...(code === 'CANCELLED' ? [] : [hint])),
    );
  }
  return { answered, says };
}

interface News {
  readonly tell: () => void;
  /** The next key; undefined when there is something new to show. @throws Refused CANCELLED when the line is lost */
  next(): Promise<DashboardKey | undefined>;
}

/** Keys and changes, one after another. Of keys only one waits, and that somebody leaves is not forgotten over another. */
function openNews(conversation: Conversation): News {
  let key: DashboardKey | undefined;
  let news = false;
  let wake: () => void = () => undefined;
  conversation.onKey((pressed) => {
    if (key?.t !== 'leave') key = pressed;
    wake();
  });
  conversation.gone.addEventListener('abort', () => wake());
  return {
    tell: () => {
      news = true;
      wake();
    },
    next: async () => {
      while (key === undefined && !news && !conversation.gone.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      conversation.gone.throwIfAborted();
      const pressed = key;
      [key, news] = [undefined, false];
      return pressed;
    },
  };
}
