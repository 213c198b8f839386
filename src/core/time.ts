// Durations and instants. An instant is in milliseconds since 1970 UTC on the host's wall clock; a duration is in milliseconds.

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const wholeDuration = /^(?:[1-9][0-9]{0,6}(?:s|m|h|d))+$/;
const part = /([0-9]+)(s|m|h|d)/g;

export const second = unitMs.s;
export const minute = unitMs.m;
export const hour = unitMs.h;
export const day = unitMs.d;

/**
 * Reads a duration as people write it: `45s`, `20m`, `8h`, `1d`, `1h30m`. A number without a unit is not a duration.
 * @returns milliseconds; undefined when the text is not a duration or is longer than ten years.
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > 32 || !wholeDuration.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(part)) total += Number(amount) * unitMs[unit as keyof typeof unitMs];
  return total <= 3650 * day ? total : undefined;
}

const wholeDay = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads a start time: a duration back from now (`90m`, `7d`), or the beginning in UTC of `today`, `yesterday` or a day (`2026-11-28`).
 * @returns an instant; undefined when the text is none of these.
 */
export function parseSince(text: string, now: number): number | undefined {
  const today = Math.floor(now / day) * day;
  if (text === 'today') return today;
  if (text === 'yesterday') return today - day;
  if (wholeDay.test(text)) {
    const at = Date.parse(`${text}T00:00:00Z`);
    // Date.parse may read a day that does not exist (2026-02-30) as one of the next month.
    return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text) ? at : undefined;
  }
  const back = parseDuration(text);
  return back === undefined ? undefined : now - back;
}

/** A duration as `parseDuration` reads it: whole seconds, rounded down, without zero parts, such as `1d2h`. */
export function spellDuration(ms: number): string {
  let left = ms;
  const parts = (['d', 'h', 'm', 's'] as const).map((unit) => {
    const amount = Math.floor(left / unitMs[unit]);
    left -= amount * unitMs[unit];
    return amount === 0 ? '' : `${amount}${unit}`;
  });
  return parts.join('');
}

/** A duration for people, rounded up to a second, from one hour on without seconds: `1h 05m`, `19m 30s`, `45s`. Never negative. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / second));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  if (h > 0) return m > 0 ? `${h}h ${two(m)}m` : `${h}h`;
  if (m > 0) return s > 0 ? `${m}m ${two(s)}s` : `${m}m`;
  return `${s}s`;
}

/** How long something has lasted, for people, rounded down to a second: a wait begins with "0s". */
export function formatElapsed(ms: number): string {
  return formatDuration(Math.floor(ms / second) * second);
}

/** A duration in milliseconds as seconds, rounded up. */
export function seconds(ms: number): number {
  return Math.ceil(ms / second);
}

/** An instant as UTC to the second (RFC 3339 with a space): `2026-03-01 03:12:09 UTC`. */
export function formatInstant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The time of day of an instant, where the day is clear: `03:12:09 UTC`. */
export function formatClock(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

/**
 * The end of a window (instant, ms), rounded down to a whole second: so `exp` of the grant (RFC 7519 NumericDate) and `PXAT` of its
 * Redis key are the same instant, and rounding lengthens nothing (law 4).
 */
export function windowEnd(start: number, durationMs: number): number {
  return Math.floor((start + durationMs) / second) * second;
}
