// What follows from the end of a grant: connections that no other grant keeps are closed, and then the session ends with its last grant
// (law 6, docs/design.md, "The end of access").
import type { EndOfGrant } from './live-grants.ts';
import type { EventName } from '../../core/events/events.ts';
import type { OwedOf } from '../../core/owed.ts';
import { expired, revoked, type FarewellDeps } from '../connections/farewell.ts';
import { effectiveEnd, type Grant } from '../../core/grant.ts';
import { toOthers } from '../../core/messages/attached.ts';
import { saveSnapshot, type SnapshotDeps } from './snapshot.ts';
import { lapseExtensions, type LapseDeps } from './lapse.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Outbox } from '../state/outbox.ts';
import type { Connections } from '../connections/connections.ts';

export interface OnGrantEndDeps extends SnapshotDeps, FarewellDeps, LapseDeps {
  readonly sessions: Sessions;
  readonly outbox: Outbox;
  readonly connections: Connections;
}

/** Waits for the ends that are being carried out. */
export interface Ends {
  /** Resolves when every connection that had to end by now has ended. */
  settled(): Promise<void>;
  /** Resolves when every session that had to end has ended, too. */
  finished(): Promise<void>;
}

/** From now on carries out the end of each grant, and moves deadlines when a grant is added. */
export function followEnds(deps: OnGrantEndDeps): Ends {
  const cuts = new Set<Promise<void>>();
  const rests = new Set<Promise<void>>();
  const track = (set: Set<Promise<void>>, task: Promise<void>): void => {
    const safe = task.catch(async (error: unknown) => failed(deps, error)).finally(() => set.delete(safe));
    set.add(safe);
  };
  deps.liveGrants.onEnd((end) => {
    void saveSnapshot(deps);
    const { grant } = end.live;
    track(
      cuts,
      cut(deps, end).finally(() => track(rests, deps.sessions.endUnlessKept(grant.session, grant.who))),
    );
  });
  deps.liveGrants.onAdd(({ grant }) => {
    void saveSnapshot(deps);
    // Its maker may be an earlier version or an earlier keeper: its end is owed to the journal as well.
    deps.outbox.begin(grantEnd(grant)).catch((error: unknown) => deps.log.warn('outbox-not-written', { error }));
    track(cuts, deps.connections.reevaluateDeadlines(grant.session, expired(deps, grant)));
  });
  const all = async (set: Set<Promise<void>>): Promise<void> => {
    await Promise.all(set);
  };
  return { settled: async () => all(cuts), finished: async () => all(cuts).then(async () => all(rests)) };
}

/** Law 6: the journal also says what could not be ended. */
async function failed({ log, journal }: OnGrantEndDeps, error: unknown): Promise<void> {
  log.error('end-failed', { error });
  await journal.write('end-failed', { error }).catch(() => undefined);
}

/**
 * The record `grant-ended`, which the journal is owed from the beginning of a grant on.
 * @param began the event of the record of its beginning.
 */
export function grantEnd({ id, request, session, who, end }: Grant, began?: EventName): OwedOf<'grant-ended'> {
  const is = { grant: id };
  const facts = { ...is, request, session, login: who.login, end };
  return { event: 'grant-ended', is, began, facts, until: end };
}

async function cut(deps: OnGrantEndDeps, end: EndOfGrant): Promise<void> {
  const { grant } = end.live;
  // It ended by the boot clock alone. By the wall clock, which was set back, its signature and key are still valid (law 4).
  if (end.why === 'expired' && deps.now() < effectiveEnd(end.live)) {
    await deps.tombstones.add(grant.id, grant.end).catch((error: unknown) => deps.log.error('not-buried', { error }));
  }
  const how = end.why === 'expired' ? expired(deps, grant) : revoked(end.says);
  await deps.connections.reevaluateDeadlines(grant.session, how);
  const { id, session, request } = grant;
  const owed = grantEnd(grant);
  await deps.outbox.record({ ...owed, facts: { ...owed.facts, why: end.why } });
  deps.notifier.send({
    event: end.why === 'revoked' ? 'revoked' : 'ended',
    grant: id,
    request,
    session,
    host: deps.host,
    login: grant.who.login,
    identity: grant.who.claim,
    why: end.why === 'revoked' ? toOthers(end.says) : end.why,
  });
  await lapseExtensions(deps, grant);
}
