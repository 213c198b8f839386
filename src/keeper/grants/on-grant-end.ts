// What follows from the end of a grant: connections that no other grant keeps are cut, then the session goes with its last
// grant (law 6, docs/design.md, "The end of access").
import type { EndOfGrant } from './live-grants.ts';
import type { Owed } from '../../core/owed.ts';
import { expired, revoked, type FarewellDeps } from '../connections/farewell.ts';
import { effectiveEnd, type Grant } from '../../core/grant.ts';
import { toOthers } from '../render.ts';
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

export interface Ends {
  /** Resolves when every connection that had to end by now has ended. */
  settled(): Promise<void>;
  /** Resolves when every session that had to end has ended, too. */
  finished(): Promise<void>;
}

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
    // One that an earlier version made, or whose maker is another keeper, is owed its end as well.
    deps.outbox.begin(grantEnd(grant)).catch((error: unknown) => deps.log.warn('outbox-not-written', { error }));
    track(cuts, deps.connections.reevaluateDeadlines(grant.session, expired(deps, grant)));
  });
  const all = async (set: Set<Promise<void>>): Promise<void> => {
    await Promise.all(set);
  };
  return { settled: async () => all(cuts), finished: async () => all(cuts).then(async () => all(rests)) };
}

/** Law 6: what could not be ended is written down as well. */
async function failed({ log, journal }: OnGrantEndDeps, error: unknown): Promise<void> {
  log.error('end-failed', { error });
  await journal.write('end-failed', { error }).catch(() => undefined);
}

/** The record that is owed for a grant from its beginning on. @param began the event of the record that it began with. */
export function grantEnd({ id, request, session, who, end }: Grant, began?: string): Owed {
  const is = { grant: id };
  const facts = { ...is, request, session, login: who.login, end };
  return { event: 'grant-ended', is, began, facts, until: end };
}

async function cut(deps: OnGrantEndDeps, end: EndOfGrant): Promise<void> {
  const { grant } = end.live;
  // Over by the boot clock alone: its signature and its key still look open to a wall clock that was set back (law 4).
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
