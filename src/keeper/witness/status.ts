// Witnesses as `status` shows them.
import type { Part } from '../../core/health/parts.ts';
import { fixFork, fixWitness, forkAlarm, statusDetail, withProblem, witnessLine } from '../../core/messages/witness.ts';
import { formatDuration } from '../../core/time.ts';
import type { WitnessingReport } from './witnessing.ts';

/** A journal that contradicts what was cosigned is `down`; a witness that is away is `warn`, since visits go on. @param now instant, ms */
export function witnessPart({ records, witnesses, forks }: WitnessingReport, now: number): Part {
  const lines = witnesses.map(({ name, cosigned, at, problem }) => {
    const ago = at === null ? undefined : formatDuration(Math.max(0, now - at));
    const line = witnessLine(name, cosigned, Math.max(records, cosigned), ago);
    return problem === null ? line : withProblem(line, problem);
  });
  const forked = forks.map(({ host, problem, cosigned, shown }) => forkAlarm(host, problem, cosigned, shown));
  const detail = statusDetail(forked, lines);
  const isForked = forked.length > 0 || witnesses.some(({ contradicts }) => contradicts);
  if (isForked) return { name: 'witness', level: 'down', detail, fix: fixFork };
  const isFine = witnesses.every((witness) => witness.ok);
  return { name: 'witness', level: isFine ? 'ok' : 'warn', detail, ...(isFine ? {} : { fix: fixWitness }) };
}
