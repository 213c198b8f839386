// The notices of a batch: one when it is asked for, one when it ends without an approval or denial. The host where it was asked for sends them.
import type { Notifier } from '../../adapters/notices/notify.ts';
import type { Batch } from '../../core/batch.ts';
import { hostsSaid, type BatchShown } from '../../core/messages/batch.ts';
import { approverThere } from '../../core/messages/approvers.ts';
import { typesNothing } from '../../core/messages/request.ts';
import { formatDuration } from '../../core/time.ts';
import type { HostState } from './host-states.ts';

export interface TellBatchDeps {
  readonly host: string;
  readonly notifier: Notifier;
}

/** The notice `requested`, in the background. */
export function tellOfBatch(deps: TellBatchDeps, batch: Batch, shown: BatchShown): void {
  const { id, session, who, address, reason, mode } = batch;
  const [first] = shown.on;
  deps.notifier.send({
    event: 'requested',
    request: id,
    host: hostsSaid(batch.hosts),
    ...{ session, login: who.login, identity: who.claim, from: address, reason },
    ...(first === undefined ? {} : { account: first.account, for: formatDuration(first.durationMs) }),
    ...(mode === undefined ? {} : { mode: typesNothing }),
    approvers: approverThere,
    approve: `ssh ${deps.host} approve ${id}`,
  });
}

/** The notice of an end that no review made; there is none where somebody reviewed it, which has a notice of its own. */
export function tellEndOfBatch(deps: TellBatchDeps, batch: Batch, end: 'withdrawn' | readonly HostState[]): void {
  const { id: request, session, who, hosts } = batch;
  const reviewed =
    end !== 'withdrawn' &&
    end.some((one) => one.state === 'denied' || ('member' in one && one.member.reviews.length > 0));
  if (reviewed) return;
  const event = end === 'withdrawn' ? end : 'unanswered';
  deps.notifier.send({ event, request, host: hostsSaid(hosts), session, login: who.login });
}
