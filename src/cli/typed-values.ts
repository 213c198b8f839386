// The values of options as they were typed.
import { notADuration, notASince } from '../core/messages/commands.ts';
import { ofOption } from '../core/messages/host.ts';
import { parseDuration, parseSince } from '../core/time.ts';

/** Something typed that cannot be read, and that yargs does not find itself. */
export class UsageError extends Error {}

/** A time such as 20m, in milliseconds. @param flag the option, for the message. @throws UsageError when it cannot be read */
export function durationOf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(ofOption(flag, notADuration(text)));
  return ms;
}

/** The text itself, when it can be read as a moment such as 7d or yesterday. @throws UsageError when it cannot */
export function sinceOf(text: string): string {
  if (parseSince(text, 0) === undefined) throw new UsageError(ofOption('--since', notASince(text)));
  return text;
}
