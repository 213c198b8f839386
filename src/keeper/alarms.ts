// A guard that failed is told to whoever is on call, at most once a minute each: every refusal that it causes is in the journal
// or the log, and a flood of notices would hide the first.
import type { RefusalCode } from '../core/refusals.ts';
import { minute } from '../core/time.ts';
import type { House } from './house.ts';

const guards: ReadonlySet<RefusalCode> = new Set([
  'JOURNAL_DOWN',
  'DISK_DOWN',
  'JOURNAL_CHANGED',
  'RECORDING_DOWN',
  'CGROUP_DOWN',
  'REDIS_DOWN',
  'CLOCK_SKEW',
  'REQUEST_FORGED',
]);
const told = new Map<string, number>();

export function alarm(house: House, code: RefusalCode): void {
  if (guards.has(code)) raise(house, code);
}

/** @param why our own words, and names of the policy; the same words are told again after a minute. */
export function raise(house: House, why: string): void {
  const now = house.now();
  if (now - (told.get(why) ?? -minute) < minute) return;
  told.set(why, now);
  house.notifier.send({ event: 'guard-failed', host: house.host, why });
}
