// Messages about how long recordings are kept: hold, release, purge.
import { formatInstant, spellDuration } from '../time.ts';

export const holdReason = 'Give --reason: it is written into the journal with the hold';
export const releaseReason = 'Give --reason: it is written into the journal with the release';
export const purgeReason = 'Give --reason: it stays in the journal when the recording is gone';
export const notARecording = (word: string): string =>
  `Not an id: "${word.slice(0, 40)}". Give the id of a connection, a grant or a request`;

export const nowHeld = (id: string): string => `${id} is held: neither keep nor purge removes it.`;
export const heldAlready = (id: string, by: string, reason: string): string =>
  `${id} is held already, by ${by} because: ${reason}`;
export const nowReleased = (id: string): string => `${id} is not held any more.`;
export const notHeld = (id: string): string => `${id} is not held.`;
export const nowPurged = (id: string): string => `${id} is purged. What the journal says of it stays valid.`;

/** Why a recording is gone. @param at instant, ms */
export const purgedBy = (at: number, by: string, reason: string): string =>
  `purged on ${formatInstant(at)} by ${by} because: ${reason}`;

export const purgedAlready = (
  id: string,
  { at, by, reason }: { readonly at: number; readonly by: string; readonly reason: string },
): string => `${id} was ${purgedBy(at, by, reason)}`;

/** Who purges by age, and why. */
export const policyPurges = 'policy';
export const keepIsOver = (session: string, keepMs: number): string =>
  `recordings of ${session} are kept ${spellDuration(keepMs)}`;
