// What is journaled, and told to people on call, of the witnesses of this host's journal: once for each change.
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Log } from '../../adapters/log.ts';
import { awayAlarm, backAgain, contradictedBy } from '../../core/messages/witness.ts';
import { minute } from '../../core/time.ts';
import type { Alarms } from '../notices/alarms.ts';
import { awayMs, type Progress } from './progress.ts';

export interface TellDeps {
  readonly journal: Pick<Journal, 'write' | 'changed'>;
  readonly alarms: Alarms;
  readonly log: Log;
  /** Milliseconds of a clock that nobody can set. */
  monotonicNow(): number;
}

/** Tells that a witness has cosigned another journal than this one. @throws Refused JOURNAL_DOWN; it is told again then */
export async function contradicted(
  { alarms, journal, log }: TellDeps,
  witness: Progress,
  problem: string,
  records: number,
): Promise<void> {
  witness.problem = problem;
  if (witness.contradicts) return;
  const { name, size } = witness;
  log.error('witness-contradicts', { witness: name, problem });
  alarms.raise(contradictedBy(name, problem));
  await journal.write('witness-contradicts', { witness: name, cosigned: size, records, problem });
  witness.contradicts = true;
}

/** Tells that a witness has gone away, or is back. @param records of the newest checkpoint */
export async function judge(deps: TellDeps, witness: Progress, records: number): Promise<void> {
  const { alarms, journal, log } = deps;
  const changed = witness.judge(records, deps.monotonicNow());
  const { name, size, problem } = witness;
  if (changed === undefined) return;
  const lost = (error: unknown): void => log.error('witness-not-journaled', { witness: name, error });
  if (changed === 'back') {
    alarms.clear(backAgain(name));
    await journal.write('witness-back', { witness: name, cosigned: size }).catch(lost);
  } else {
    alarms.raise(awayAlarm(name, awayMs / minute, problem));
    await journal.write('witness-away', { witness: name, cosigned: size, records, problem }).catch(lost);
  }
}
