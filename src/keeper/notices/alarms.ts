// Alarms: a guard that failed is told to whoever is on call, at most once a minute for each text. Every refusal that it causes is in the
// journal or the log anyway, and many equal notices would hide the first one.
import type { Notifier } from '../../adapters/notices/notify.ts';
import type { RefusalCode } from '../../core/refusals.ts';
import { minute } from '../../core/time.ts';

/** Refusals whose cause is a failed guard, not the person who was refused. */
export const guards: ReadonlySet<RefusalCode> = new Set([
  'JOURNAL_DOWN',
  'DISK_DOWN',
  'JOURNAL_CHANGED',
  'RECORDING_DOWN',
  'RECORDINGS_FULL',
  'CGROUP_DOWN',
  'REDIS_DOWN',
  'REDIS_TOO_OLD',
  'CLOCK_SKEW',
  'REQUEST_FORGED',
]);

export interface AlarmsDeps {
  now(): number;
  readonly notifier: Notifier;
  readonly host: string;
}

/** Sends notices `guard-failed`, and `guard-holds` when a fault is over. */
export interface Alarms {
  /**
   * @param why our own words and names of the policy, nothing that a person wrote; the same text is sent again after a minute at the
   * earliest.
   */
  raise(why: string): void;
  /** Tells that a fault is over, of which an alarm was raised. @param what our own words, as in `raise` */
  clear(what: string): void;
  /** Raises an alarm if this refusal means that a guard failed. */
  raiseFor(code: RefusalCode): void;
}

/** Alarms that go out through the notifier. */
export function openAlarms(deps: AlarmsDeps): Alarms {
  const told = new Map<string, number>();
  const raise = (why: string): void => {
    const at = deps.now();
    if (at - (told.get(why) ?? -minute) < minute) return;
    told.set(why, at);
    deps.notifier.send({ event: 'guard-failed', host: deps.host, why });
  };
  const clear = (what: string): void => deps.notifier.send({ event: 'guard-holds', host: deps.host, why: what });
  return { raise, clear, raiseFor: (code) => (guards.has(code) ? raise(code) : undefined) };
}
