// Writes refused visits into the journal. The first of equal refusals has a record at once; those of the minute after it have one together,
// with their number. So a robot that retries does not fill the journal (docs/design.md, "The policy").
import type { Journal } from '../../adapters/journal/journal.ts';
import type { RefusalCode } from '../../core/refusals.ts';

/** A refusal as the journal has it. */
export interface RefusedVisit {
  readonly login: string;
  readonly address: string;
  readonly code: RefusalCode;
  readonly command: string;
  /** The identity that signed in, where the refusal is about it. */
  readonly claim?: string;
}

/** Journals refusals, and counts their repetitions. */
export interface RefusalLog {
  /** Journals a refusal (`refused`), or counts it for a later record (`refused-again`). @throws Refused JOURNAL_DOWN */
  write(visit: RefusedVisit): Promise<void>;
  /** Calls `hear` with the code of each refusal, also of those that are only counted. */
  onRefused(hear: (code: RefusalCode) => void): void;
  /** Writes the counts that have no record yet. */
  close(): Promise<void>;
}

const minuteMs = 60_000;
const mostKinds = 1_000;
/** With more different refusals than this, a login's are counted by their code alone: what it types must not fill the journal. */
const kindsEach = 30;

/** @param failed gets the error when a count cannot be written. */
export function openRefusalLog(journal: Pick<Journal, 'write'>, failed: (error: unknown) => void): RefusalLog {
  const repeats = new Map<string, { count: number; readonly visit: RefusedVisit; readonly timer: NodeJS.Timeout }>();
  const hearing: ((code: RefusalCode) => void)[] = [];
  const flush = async (key: string): Promise<void> => {
    const entry = repeats.get(key);
    repeats.delete(key);
    clearTimeout(entry?.timer);
    if (entry !== undefined && entry.count > 0)
      await journal.write('refused-again', { ...entry.visit, times: entry.count });
  };
  return {
    write: async (visit) => {
      hearing.forEach((hear) => hear(visit.code));
      const crowded = [...repeats.values()].filter((other) => other.visit.login === visit.login).length >= kindsEach;
      const key = JSON.stringify(crowded ? [visit.login, visit.code] : visit);
      const known = repeats.get(key);
      if (known !== undefined) {
        known.count++;
        return;
      }
      if (repeats.size < mostKinds) {
        const timer = setTimeout(() => void flush(key).catch(failed), minuteMs);
        repeats.set(key, { count: 0, visit, timer });
      }
      await journal.write('refused', { ...visit });
    },
    onRefused: (hear) => hearing.push(hear),
    close: async () => {
      for (const key of repeats.keys()) await flush(key);
    },
  };
}
