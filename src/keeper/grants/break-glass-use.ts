// A use of break-glass that waits for a review. Everybody is told of it before it opens anything, and again by each keeper that starts
// before somebody has reviewed it. Accident: a keeper dies between the use and the notice.
import type { Notifier } from '../../adapters/notices/notify.ts';
import type { Config } from '../../core/policy-types.ts';
import type { Use } from '../../core/break-glass.ts';
import { formatDuration } from '../../core/time.ts';
import type { OwedOf } from '../../core/owed.ts';
import type { BreakGlass } from '../state/break-glass-codes.ts';
import type { Outbox } from '../state/outbox.ts';

export interface TellOfUseDeps {
  readonly notifier: Notifier;
  readonly config: Config;
  readonly host: string;
}

export interface BreakGlassUseDeps extends TellOfUseDeps {
  readonly breakGlass: BreakGlass;
  readonly outbox: Outbox;
}

/** Sends the notice `break-glass`. */
export function tellOfUse({ notifier, config, host }: TellOfUseDeps, use: Use): void {
  const { login, session, grant, address = '', reason = '' } = use;
  const told = { host, login, session, grant, from: address, reason };
  notifier.send({ event: 'break-glass', ...told, for: formatDuration(config.breakGlass.windowMs) });
}

/**
 * For a keeper that starts: tells of the use that waits for a review. A use that opened nothing, because its keeper died, is journaled as
 * well.
 * @throws Refused when the journal does not take the record now
 */
export async function recallUse(deps: BreakGlassUseDeps): Promise<void> {
  const use = deps.breakGlass.unreviewed();
  if (use === undefined) return;
  tellOfUse(deps, use);
  if (use.unfinished !== true) return;
  const { code, login, session, grant, at } = use;
  const facts = { code, login, session, grant, at };
  const owed: OwedOf<'break-glass-unfinished'> = { event: 'break-glass-unfinished', is: { grant }, facts };
  const failed = await deps.outbox.record(owed, async () => deps.breakGlass.finish());
  if (failed !== undefined) throw failed;
}

/** The record of a review, with what a keeper that starts needs to mark the use as reviewed. */
export function reviewedOf(
  use: Use,
  by: { readonly by: string; readonly reason: string },
): OwedOf<'break-glass-reviewed'> {
  return { event: 'break-glass-reviewed', is: { grant: use.grant }, facts: { ...use, ...by }, redo: use.grant };
}

/** The record of voided codes. @param id of one code; undefined: all of them. */
export function voidedOf(id: string | undefined, by: string): OwedOf<'break-glass-voided'> {
  const code = id ?? 'all';
  return { event: 'break-glass-voided', is: { code }, facts: { code, by }, redo: id ?? '' };
}
