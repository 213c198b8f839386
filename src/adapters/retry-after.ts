// How long a receiver asks us to wait (Retry-After, RFC 9110 section 10.2.3).
import { minute, second } from '../core/time.ts';

/** The longest wait, in milliseconds. A receiver that asks for more is tried again after this: a notice an hour late helps nobody. */
const longest = 5 * minute;

/**
 * The wait that a header asks for, in milliseconds, at most five minutes; undefined when it is missing or malformed.
 * @param header seconds, or an HTTP date.
 * @param now milliseconds since the epoch.
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  const ms = /^[0-9]{1,9}$/.test(text) ? Number(text) * second : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longest);
}
