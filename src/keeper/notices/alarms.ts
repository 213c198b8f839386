// A guard that failed is told to whoever is on call, at most once a minute each: every refusal that it causes is in the journal
// or the log, and a flood of notices would hide the first.
import type { Notifier } from '../../adapters/notices/notify.ts';
import type { RefusalCode } from '../../core/refusals.ts';
import { minute } from '../../core/time.ts';

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

export interface AlarmsDeps {
  now(): number;
  readonly notifier: Notifier;
  readonly host: string;
}

export interface Alarms {
  /** @param why our own words, and names of the policy; the same words are told again after a minute. */
  raise(why: string): void;
  /** For a refusal: raises an alarm where its code says that a guard failed. */
  raiseFor(code: RefusalCode): void;
}

export function openAlarms(deps: AlarmsDeps): Alarms {
  const told = new Map<string, number>();
  const raise = (why: string): void => {
    const at = deps.now();
    if (at - (told.get(why) ?? -minute) < minute) return;
    told.set(why, at);
    deps.notifier.send({ event: 'guard-failed', host: deps.host, why });
  };
  return { raise, raiseFor: (code) => (guards.has(code) ? raise(code) : undefined) };
}
