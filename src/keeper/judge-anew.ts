// What another policy means for what is live and for what waits: the same as if the keeper had been restarted with it (reconcile.ts), and
// nobody else is disturbed.
//
// 1. A server goes on only if the policy has its session with the same account, kind and privileges, and a grant or `at_expiry: keep` keeps it.
//    Whoever is in one that does not is told so and disconnected. Attack: privileges that the policy no longer gives go on in what runs.
// 2. A grant stays what was approved: its time, and who has it. A shorter `window.max`, or a group that is no longer in `who`, counts from the next
//    visit on, as after a restart.
// 3. In the turn in which the policy is taken each gate hears what its keys do now: nothing passes where the policy says `view`, and nothing
//    passes unwatched where it says `moderated`. Attack: somebody types on in what has become view-only.
// 4. An approver who views under another person's grant stays only while the policy makes them one (core/access-mode.ts, rule 4).
// 5. Whoever is only being let in is not judged here: their visit sees the new policy at its last look (visit/admit.ts, rule 5).
// 6. A waiting request that could not be granted any more ends at once, so that nobody approves in vain; reviews that were made count by the
//    policy of now. Accident: whoever asked waits half an hour for an answer that cannot come.
import { connectionEnds, sessionUnfit } from '../core/messages/ends.ts';
import { endLines, noApproverWhy, policyEndedWhy } from '../core/messages/attached.ts';
import { sessionOf } from '../core/policy.ts';
import type { Config } from '../core/policy-types.ts';
import { second } from '../core/time.ts';
import type { InputRule } from '../wire/messages.ts';
import type { Context } from './context.ts';
import { within } from './concurrency/time-limit.ts';
import type { Connection } from './connections/connection.ts';
import { governingGrant, type GrantLookup } from './connections/governing-grant.ts';
import { firstRule, moderate, showHeld } from './connections/moderation.ts';
import { judgeRequest } from './grants/judge-request.ts';
import { renewLinks } from './links/links.ts';
import type { Judged } from './reload.ts';
import { isStartedBy, type Session } from './sessions/session.ts';
import { keyOf } from './sessions/session-key.ts';

/** How long the answer of a reload waits for ends, and for requests. What takes longer goes on, and is logged. */
const stepMs = 10 * second;

/**
 * Call it in the turn in which the policy was taken. Never rejects: what fails is logged, and the next keeper ends it (reconcile.ts).
 * @param before the policy before
 */
export async function judgeAnew(context: Context, before: Config): Promise<Judged> {
  const sessions = context.sessions.all().flatMap((session) => {
    const why = unfitBy(context, session);
    return why === undefined ? [] : [{ session, why }];
  });
  const connections = goingBy(
    context,
    sessions.map(({ session }) => session),
  );
  const isOtherProvider = context.config.oidc !== before.oidc;
  if (isOtherProvider) context.links.close(); // their sign-ins are of the provider before
  tellInputs(context, before);
  const ends = [
    ...connections.map(async ([connection, says]) => context.connections.end(connection, says)),
    ...sessions.map(async ({ session, why }) => context.sessions.endNow(session, why)),
  ].map(async (end) => end.catch((error: unknown) => context.log.error('end-failed', { error })));
  context.subscribers.changed();
  await within(context.log, 'reload-ends', stepMs, Promise.all(ends));
  const requests = await judgeRequests(context, isOtherProvider);
  return { connections: connections.length, sessions: sessions.length, requests };
}

/** Rule 1: why a session may not go on, as far as the policy and the grants say; undefined when it may. */
export function unfitBy(
  deps: Pick<Context, 'config'> & { readonly liveGrants: Pick<GrantLookup, 'keeps'> },
  session: Session,
): string | undefined {
  const { name, owner } = session;
  const policy = sessionOf(deps.config, name);
  if (policy !== undefined && !isStartedBy(policy, session)) return sessionUnfit.policyChanged; // so its grants do not count either
  if (!deps.liveGrants.keeps(name, owner) && policy?.atExpiry !== 'keep') return sessionUnfit.noGrant;
  return policy === undefined ? sessionUnfit.policyGone : undefined;
}

type Says = Parameters<Context['connections']['end']>[1];

/** Rules 1, 4 and 5: the connections that end, and what their people read. */
function goingBy(context: Context, unfit: readonly Session[]): readonly (readonly [Connection, Says])[] {
  const gone = new Set(unfit.map(({ name, owner }) => keyOf(name, owner)));
  const { host } = context;
  return context.connections.all().flatMap((connection) => {
    const { state, entered, over } = connection;
    if (!entered || over !== undefined) return [];
    const { session, who } = state;
    const place = { session, host };
    const isIn = gone.has(keyOf(session, undefined)) || gone.has(keyOf(session, who));
    if (isIn || context.sessions.find(session, who) === undefined)
      return [[connection, { ...farewell(policyEndedWhy(place)), why: connectionEnds.sessionChanged }] as const];
    if (state.as !== 'approver' || governingGrant(context, state) !== undefined) return [];
    return [[connection, { ...farewell(noApproverWhy(place)), why: connectionEnds.approverGone }] as const];
  });
}

const farewell = (why: string): Says => ({ why, lines: endLines(why), exit: 77 });

/** Rule 3, for every connection. */
function tellInputs(context: Context, before: Config): void {
  const wasModerated = (session: string): boolean => sessionOf(before, session)?.moderated === true;
  for (const connection of context.connections.all()) {
    const rule = firstRule(context, connection.state);
    // What passes in a session that was moderated before, too, passes because somebody views: `moderate` looks at it.
    const goesOn = rule === 'held' && connection.input === 'pass' && wasModerated(connection.state.session);
    if (rule !== connection.input && !goesOn) tell(connection, rule);
  }
  for (const session of new Set(context.connections.all().map(({ state }) => state.session))) {
    moderate(context, session);
    if (wasModerated(session)) showHeld(context, session);
  }
}

function tell(connection: Connection, rule: InputRule): void {
  connection.input = rule;
  if (connection.entered && connection.over === undefined) connection.conversation?.input(rule);
}

/** Rule 6. @returns how many ended */
async function judgeRequests(context: Context, linksEnded: boolean): Promise<number> {
  let ended = 0;
  const judge = async (): Promise<void> => {
    for (const entry of await context.store.pending()) if (await judgeRequest(context, entry)) ended += 1;
    if (linksEnded) await renewLinks(context);
  };
  const unjudged = (error: unknown): void => context.log.warn('requests-not-judged', { error });
  await within(context.log, 'reload-requests', stepMs, judge().catch(unjudged));
  return ended;
}
