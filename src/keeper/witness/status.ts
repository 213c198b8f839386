// Witnesses as `status` shows them.
import type { PartOfStatus } from '../../core/messages/listings.ts';
import { forkAlarm, statusDetail, withProblem, witnessLine } from '../../core/messages/witness.ts';
import { formatDuration } from '../../core/time.ts';
import type { WitnessingReport } from './witnessing.ts';

/** @param now instant, ms */
export function witnessPart({ records, witnesses, forks }: WitnessingReport, now: number): PartOfStatus {
  const lines = witnesses.map(({ name, cosigned, at, problem }) => {
    const ago = at === null ? undefined : formatDuration(Math.max(0, now - at));
    const line = witnessLine(name, cosigned, Math.max(records, cosigned), ago);
    return problem === null ? line : withProblem(line, problem);
  });
  const forked = forks.map(({ host, problem, cosigned, shown }) => forkAlarm(host, problem, cosigned, shown));
  const ok = forks.length === 0 && witnesses.every((witness) => witness.ok);
  return { name: 'witness', ok, detail: statusDetail(forked, lines) };
}
