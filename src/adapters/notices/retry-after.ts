// How long a receiver asks to be left alone (Retry-After, RFC 9110 section 10.2.3).
import { minute, second } from '../../core/time.ts';

/** A receiver that asks for more is tried again after this: a notice that comes an hour late helps nobody. */
const longest = 5 * minute;

/** @param header seconds, or an HTTP date. @returns milliseconds, bounded; undefined where it says nothing that can be read. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  const ms = /^[0-9]{1,9}$/.test(text) ? Number(text) * second : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longest);
}
