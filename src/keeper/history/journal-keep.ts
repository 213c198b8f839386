// How long the journal's records are kept: by `journal.keep` of the policy the oldest go (adapters/journal/trim.ts).
//
// 1. While a recording is held, no record goes. The evidence of its access is in the journal: also the sign-in and the policy before it.
//    Accident: what a court asked for has its recording and no proof.
// 2. What a recording that is not sealed yet needs stays. Accident: a keeper that starts does not find its ranges.
// 3. The clock must have run evenly for an hour (core/recording/keep.ts, rule 2). Accident: a host starts with a clock that is a year ahead.
// 4. The record is on disk before a segment goes (trim.ts, rule 1). What could not be removed goes at a later look.
import { logKeyOf } from '../../adapters/journal/checkpoints.ts';
import type { Journal } from '../../adapters/journal/journal.ts';
import { removeSegments, trimmable } from '../../adapters/journal/trim.ts';
import type { Keys } from '../../adapters/keys.ts';
import type { Log } from '../../adapters/log.ts';
import type { Config } from '../../core/policy-types.ts';
import { clockState, type TwoClocks } from '../../core/recording/keep.ts';
import { hour } from '../../core/time.ts';
import type { Layout } from '../../wire/layout.ts';
import type { Holds } from '../state/holds.ts';
import type { UnsealedFiles } from '../state/unsealed.ts';

export interface JournalKeepDeps {
  readonly host: string;
  readonly layout: Pick<Layout, 'journal'>;
  readonly config: Pick<Config, 'journal'>;
  readonly journal: Pick<Journal, 'write' | 'changed'>;
  readonly keys: Pick<Keys, 'publicKey'>;
  readonly holds: Pick<Holds, 'any'>;
  readonly unsealed: Pick<UnsealedFiles, 'all'>;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  now(): number;
  monotonicNow(): number;
}

export interface JournalKeep {
  /** Looks each hour, until the signal aborts. */
  start(signal: AbortSignal): void;
  /** One such look. @returns the number of the last record that it removed; undefined for none. @throws Refused JOURNAL_DOWN; Error */
  look(): Promise<number | undefined>;
}

export function openJournalKeep(deps: JournalKeepDeps): JournalKeep {
  const clocks = (): TwoClocks => ({ wall: deps.now(), monotonic: deps.monotonicNow() });
  let since = clocks();
  const look = async (): Promise<number | undefined> => {
    const state = clockState(since, clocks());
    if (state === 'moved') since = clocks();
    return state === 'even' ? trim(deps) : undefined;
  };
  return {
    look,
    start: (signal) => {
      const timer = setInterval(() => {
        void look().catch((error: unknown) => deps.log.error('journal-not-trimmed', { error }));
      }, hour);
      signal.addEventListener('abort', () => clearInterval(timer));
    },
  };
}

async function trim(deps: JournalKeepDeps): Promise<number | undefined> {
  const { keepMs } = deps.config.journal;
  if (keepMs === undefined || deps.journal.changed !== undefined) return undefined;
  if (deps.holds.any()) return undefined; // rule 1
  const open = await deps.unsealed.all();
  const found = await trimmable({
    folder: deps.layout.journal,
    key: logKeyOf(deps.host, deps.keys.publicKey() ?? ''),
    before: deps.now() - keepMs,
    needed: Math.min(...open.map(({ journal }) => journal)), // rule 2
  });
  if (found === undefined) return undefined;
  const { first, last, root, until } = found;
  await deps.journal.write('journal-trimmed', { first, last, root, until, keepMs });
  await removeSegments(deps.layout.journal, found);
  deps.log.info('journal-trimmed', { first, last });
  return last;
}
