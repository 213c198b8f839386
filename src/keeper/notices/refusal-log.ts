// Refused visits in the journal: each one, but a robot that retries writes one counted record a minute (docs/design.md, "The policy").
import type { RefusalCode } from '../../core/refusals.ts';

export interface RefusedVisit {
  readonly login: string;
  readonly address: string;
  readonly code: RefusalCode;
  readonly command: string;
  /** Who signed in, where that is what was refused. */
  readonly claim?: string;
}

export interface RefusalLog {
  write(visit: RefusedVisit): Promise<void>;
  /** Writes the counts that are open. */
  close(): Promise<void>;
}

const minuteMs = 60_000;
const mostKinds = 1_000;
/** Beyond these a login's refusals are counted by their code alone: what it types must not fill the journal. */
const kindsEach = 30;

export function openRefusalLog(
  journal: { write(event: string, fields: Record<string, unknown>): Promise<void> },
  failed: (error: unknown) => void,
): RefusalLog {
  const repeats = new Map<string, { count: number; readonly visit: RefusedVisit; readonly timer: NodeJS.Timeout }>();
  const flush = async (key: string): Promise<void> => {
    const entry = repeats.get(key);
    repeats.delete(key);
    clearTimeout(entry?.timer);
    if (entry !== undefined && entry.count > 0)
      await journal.write('refused-again', { ...entry.visit, times: entry.count });
  };
  return {
    write: async (visit) => {
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
    close: async () => {
      for (const key of repeats.keys()) await flush(key);
    },
  };
}
