// The verb `watch`: the live dashboard for people on call, with keys to approve, deny and revoke.
//
// 1. It shows a person what `requests`, `grants` and `connections` show them, and only while they would show it: lock, sign-in, group and
//    sudo's rule are checked again while it is open. Attack: somebody who lost their rights leaves a dashboard open.
// 2. A key acts like the typed verb: the same handler, after the same identification, with the same whole request on the screen and the
//    same new sign-in. The dashboard itself decides nothing.
// 3. A key acts on the id that was selected on the screen. The handler judges the present state of that id.
// 4. A refusal of an act is shown and journaled, and the dashboard stays open; a cancel returns to it.
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

/**
 * Shows the dashboard until the person leaves.
 * @throws Refused NO_TERMINAL, BUSY, LOCKED, what identification refuses, or CANCELLED when the connection is lost
 */
export async function watch(context: Context, conversation: Conversation, visitor: Visitor): Promise<void> {
  const { tty, term } = visitor.hello;
  if (!tty || (await context.terminfo.termFor(term)) === undefined)
    throw new Refused('NO_TERMINAL', { host: context.host });
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

/** Shows frames and carries out keys, until the person leaves. @throws Refused */
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
    if (next !== shown || again) conversation.dashboard(frame);
    shown = next;
    const key = await news.next();
    if (key?.t === 'leave') return;
    if (key?.t === 'act') said = await carryOut(context, conversation, visitor, key);
  }
}

/** Rule 1. @returns a check that gives the actor as of now, and whether a sign-in covered the dashboard, so that it must be drawn again. */
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
    // Their duty may have ended since the last check.
    if (who.person !== undefined) who = { ...who, duty: await context.onCall.duty() };
    return { who, again };
  };
}

function isSignedIn(context: Context, { login }: Visitor, { person }: Actor): boolean {
  if (person === undefined) return true;
  return context.now() < person.until && person.at > context.tombstones.barredUntil(login);
}

/** Carries out a key like the typed verb (rules 2 to 4). @returns what the dashboard shows of it. */
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
    // The hint of a cancel is to connect again, which nobody needs to do here.
    await writeRefusal(context, { hello, command: `${verb} ${id}`, error }, ({ say, code, hint }) =>
      says.push(`${say} [${code}]`, ...(code === 'CANCELLED' ? [] : [hint])),
    );
  }
  return { answered, says };
}

interface News {
  readonly tell: () => void;
  /** The next key; undefined when there is new data to show. @throws Refused CANCELLED when the connection is lost */
  next(): Promise<DashboardKey | undefined>;
}

/** Waits for keys and for new data. Only one key is kept while another is carried out; a key to leave is never replaced. */
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
