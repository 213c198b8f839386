// The notices of a batch: one when it is asked for, one when it ends without an approval or denial. The host where it was asked for sends them.
import type { Log } from '../../adapters/log.ts';
import type { Notifier } from '../../adapters/notices/notify.ts';
import type { Batch } from '../../core/batch.ts';
import { hostsSaid, type BatchShown } from '../../core/messages/batch.ts';
import { approverThere } from '../../core/messages/approvers.ts';
import { typesNothing } from '../../core/messages/request.ts';
import { formatDuration } from '../../core/time.ts';
import type { Announced, AskedHere, AskedNote } from './asked-here.ts';
import type { HostState } from './host-states.ts';

export interface TellBatchDeps {
  readonly host: string;
  readonly notifier: Notifier;
  readonly askedHere: AskedHere;
  readonly log: Log;
}

/** The notice `requested`, after it is noted that its end is to be told. Never rejects. */
export async function tellOfBatch(deps: TellBatchDeps, batch: Batch, shown: BatchShown): Promise<void> {
  const { id, session, who, address, reason, mode } = batch;
  const [first] = shown.on;
  const announced = { session, hosts: hostsSaid(batch.hosts) };
  await deps.askedHere.announce(id, announced).catch((error: unknown) => deps.log.warn('notice-not-noted', { error }));
  deps.notifier.send({
    event: 'requested',
    request: id,
    host: announced.hosts,
    ...{ session, login: who.login, identity: who.claim, from: address, reason },
    ...(first === undefined ? {} : { account: first.account, for: formatDuration(first.durationMs) }),
    ...(mode === undefined ? {} : { mode: typesNothing }),
    approvers: approverThere,
    approve: `ssh ${deps.host} approve ${id}`,
  });
}

/** How a batch ended, for receivers of notices. */
export type BatchEnd = 'withdrawn' | 'unanswered' | 'reviewed';

/** Whether somebody approved or denied it somewhere. */
export const isReviewed = (states: readonly HostState[]): boolean =>
  states.some((one) => one.state === 'denied' || ('member' in one && one.member.reviews.length > 0));

/**
 * The notice of an end that no review made; there is none where somebody reviewed it, which has a notice of its own. Whoever sees the end first
 * sends it: the command that waits, or the look that goes on without it (follow-asked.ts). Never rejects.
 */
export async function tellEndOfBatch(deps: TellBatchDeps, id: string, end: BatchEnd): Promise<void> {
  const tell = (note: AskedNote, { session, hosts, reviewed }: Announced): void => {
    // What its person, or this host, decided meanwhile comes before what was seen in the store.
    const event = note.withdrawn !== undefined || note.gone === true ? 'withdrawn' : end;
    if (event === 'reviewed' || (event === 'unanswered' && reviewed === true)) return;
    deps.notifier.send({ event, request: id, host: hosts, session, login: note.who.login });
  };
  await deps.askedHere.closeNotice(id, tell).catch((error: unknown) => deps.log.warn('notice-not-closed', { error }));
}
