// What a person reads when their access has ended.
import { isBreakGlass } from '../../core/break-glass.ts';
import type { Grant } from '../../core/grant.ts';
import { formatInstant } from '../../core/time.ts';
import type { ConnectionState, EndOfConnection } from './connection.ts';

export interface FarewellDeps {
  readonly host: string;
}

/** For a window that has ended. */
export function expiredLines(
  { host }: FarewellDeps,
  { session, who, end }: Pick<ConnectionState, 'session' | 'who' | 'end'>,
): readonly string[] {
  return [
    `tmux-gate: your window in ${session} on ${host} is over (${formatInstant(end)}).`,
    isBreakGlass({ who })
      ? 'Break-glass opens nothing more until somebody has reviewed this use.'
      : `Ask again: ssh -t ${host} ${session}`,
  ];
}

/** The end of connections whose grant has expired. */
export function expired(deps: FarewellDeps, grant: Grant): EndOfConnection {
  return { why: 'expired', lines: expiredLines(deps, grant), exit: 0 };
}

/**
 * The end of connections whose grant was revoked. It does not suggest to ask again: the person may be locked out, and should talk to
 * whoever revoked first.
 * @param says the reason, as the person reads it.
 */
export function revoked(says: string): EndOfConnection {
  return { why: says, lines: [`tmux-gate: ${says}.`, 'Talk to whoever ended it before you ask again.'], exit: 77 };
}
