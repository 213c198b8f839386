// What follows from the end of a grant: connections that no other grant keeps are cut, then the session goes with its last
// grant (law 6, design section 6).
import type { EndOfGrant } from './book.ts';
import type { Owed } from '../core/owed.ts';
import { expired, revoked } from './connections.ts';
import { effectiveEnd, type Grant } from '../core/grant.ts';
import type { House } from './house.ts';
import { toOthers } from './render.ts';
import { keepGrants } from './kept-grants.ts';
import { lapseExtensions } from './visit/lapse.ts';

export interface Ends {
  /** Resolves when every connection that had to end by now has ended. */
  settled(): Promise<void>;
  /** Resolves when every session that had to end has ended, too. */
  finished(): Promise<void>;
}

export function followEnds(house: () => House): Ends {
  const cuts = new Set<Promise<void>>();
  const rests = new Set<Promise<void>>();
  const track = (set: Set<Promise<void>>, task: Promise<void>): void => {
    const safe = task.catch(async (error: unknown) => failed(house(), error)).finally(() => set.delete(safe));
    set.add(safe);
  };
  house().book.onEnd((end) => {
    void keepGrants(house());
    house().watchers.stir();
    const { grant } = end.live;
    track(
      cuts,
      cut(house(), end).finally(() => track(rests, house().sessions.endUnlessKept(grant.session, grant.who))),
    );
  });
  house().book.onAdd(({ grant }) => {
    void keepGrants(house());
    house().watchers.stir();
    // One that an earlier version made, or whose maker is another keeper, is owed its end as well.
    house()
      .outbox.begin(grantEnd(grant))
      .catch((error: unknown) => house().log.warn('outbox-not-written', { error }));
    track(cuts, house().connections.review(grant.session, expired(house(), grant)));
  });
  const all = async (set: Set<Promise<void>>): Promise<void> => {
    await Promise.all(set);
  };
  return { settled: async () => all(cuts), finished: async () => all(cuts).then(async () => all(rests)) };
}

/** Law 6: what could not be ended is written down as well. */
async function failed({ log, journal }: House, error: unknown): Promise<void> {
  log.error('end-failed', { error });
  await journal.write('end-failed', { error }).catch(() => undefined);
}

/** The record that is owed for a grant from its beginning on. @param began the event of the record that it began with. */
export function grantEnd({ id, request, session, who, end }: Grant, began?: string): Owed {
  const is = { grant: id };
  const facts = { ...is, request, session, login: who.login, end };
  return { event: 'grant-ended', is, began, facts, until: end };
}

async function cut(house: House, end: EndOfGrant): Promise<void> {
  const { grant } = end.live;
  // Over by the boot clock alone: its signature and its key still look open to a wall clock that was set back (law 4).
  if (end.why === 'expired' && house.now() < effectiveEnd(end.live)) {
    await house.tombstones
      .bury(grant.id, grant.end)
      .catch((error: unknown) => house.log.error('not-buried', { error }));
  }
  const how = end.why === 'expired' ? expired(house, grant) : revoked(end.says);
  await house.connections.review(grant.session, how);
  const { id, session, request } = grant;
  const owed = grantEnd(grant);
  await house.outbox.record({ ...owed, facts: { ...owed.facts, why: end.why } });
  house.notifier.send({
    event: end.why === 'revoked' ? 'revoked' : 'ended',
    grant: id,
    request,
    session,
    host: house.host,
    login: grant.who.login,
    identity: grant.who.claim,
    why: end.why === 'revoked' ? toOthers(end.says) : end.why,
  });
  await lapseExtensions(house, grant);
}
