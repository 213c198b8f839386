// What a person reads when their access has ended.
import { isBreakGlass } from '../../core/break-glass.ts';
import type { Grant } from '../../core/grant.ts';
import { expiredLines as lines, takenAwayLines } from '../../core/messages/attached.ts';
import type { ConnectionState, EndOfConnection } from './connection.ts';

export interface FarewellDeps {
  readonly host: string;
}

/** For a window that has ended. */
export function expiredLines(
  { host }: FarewellDeps,
  { session, who, end }: Pick<ConnectionState, 'session' | 'who' | 'end'>,
): readonly string[] {
  return lines({ session, host }, end, isBreakGlass({ who }));
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
  return { why: says, lines: takenAwayLines(says), exit: 77 };
}
