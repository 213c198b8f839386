// The rules about how long the journal is kept.
import type { Keep } from '../core/recording/keep.ts';
import { parseDuration, spellDuration } from '../core/time.ts';
import { quote, type Finding } from './problem.ts';
import { at, entries, type Rule } from './raw.ts';

/** Digests and reasons of a recording are in the journal; without them it proves nothing. */
const journalOutlastsRecordings: Rule = {
  name: 'journal-outlasts-recordings',
  check: (raw) => {
    const kept = at(raw, 'journal', 'keep');
    const keep = typeof kept === 'string' ? parseDuration(kept) : undefined;
    if (keep === undefined) return [];
    const forAll = keepIn(raw, 'recordings') ?? 'forever';
    return entries(raw, 'sessions').flatMap(([name, session]): Finding[] => {
      const own = keepIn({ session }, 'session') ?? forAll;
      if (own !== 'forever' && own <= keep) return [];
      const how = own === 'forever' ? 'for ever' : `for ${spellDuration(own)}`;
      const problem = `Recordings of ${quote(name)} are kept ${how}, which is longer; their digests are in the journal. Raise this, or lower recordings.keep.`;
      return [{ path: ['journal', 'keep'], problem }];
    });
  },
};

/** `keep` below a key; undefined where it is not said, or not as a duration, which the schema reports. */
function keepIn(raw: unknown, key: string): Keep | undefined {
  const text = at(raw, key, 'keep');
  if (text === 'forever') return text;
  return typeof text === 'string' ? parseDuration(text) : undefined;
}

export const journalRules: readonly Rule[] = [journalOutlastsRecordings];
