// Checks how long the journal is kept.
import type { Config } from '../core/policy-types.ts';
import { day, spellDuration } from '../core/time.ts';
import { ok, warn, type Check, type Finding } from './check.ts';

const aYear = 365 * day;

const keep: Check = {
  id: 'journal-keep',
  about: 'the journal is kept for a year at least, which is what PCI DSS 10.5.1 wants',
  look: async (scene) => [journalKeepFinding(await scene.config())],
};

export function journalKeepFinding({ journal: { keepMs } }: Pick<Config, 'journal'>): Finding {
  if (keepMs === undefined) return ok('no record is removed by age');
  if (keepMs >= aYear) return ok(`records are kept ${spellDuration(keepMs)}`);
  const remedy = 'PCI DSS asks for 12 months; raise journal.keep, unless your own rules say less';
  return warn(`records of the journal are kept ${spellDuration(keepMs)}`, remedy);
}

export const journalChecks: readonly Check[] = [keep];
