// An access as its records tell it, and others that differ in one thing: each is signed by the host and proved, so that only the story is wrong.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessFiles } from '../../../src/evidence/access-files.ts';
import { EvidenceLog } from '../../harness/evidence-log.ts';
import { depsOf, started, type Workplace } from './verifying.ts';

export type Told = Readonly<Record<string, unknown>>;
export type Change = (records: readonly Told[]) => readonly Told[];

const linesOf = ({ folder }: EvidenceLog): readonly string[] =>
  readFileSync(join(folder, 'journal.jsonl'), 'latin1').split('\n').slice(0, -1);

/** The records of the access K7QF2M, by alice, approved by bob, without what the journal adds to each. */
function told(work: Workplace): readonly Told[] {
  const log = new EvidenceLog(work.next('base'));
  log.policy().access({ request: 'K7QF2M', start: started }).flush();
  const own = new Set(['n', 'prev', 'host', 'seal']);
  return linesOf(log)
    .map((line) => JSON.parse(line) as Told)
    .filter(({ event }) => event !== 'refused')
    .map((record) => Object.fromEntries(Object.entries(record).filter(([name]) => !own.has(name))));
}

/** The files of an archive of all these records. @param about what evidence.json says instead */
export async function storyOf(work: Workplace, change: Change, about: Told = {}): Promise<ReadonlyMap<string, Buffer>> {
  const log = new EvidenceLog(work.next('story'));
  for (const { event, at, ...fields } of change(told(work))) log.at(Date.parse(String(at))).add(String(event), fields);
  const deps = await depsOf(log);
  const lines = linesOf(log).map((text) => ({ at: 0, text, record: JSON.parse(text) as Told }));
  const made = await accessFiles(deps, 'K7QF2M', { lines });
  const files = new Map(made.map(({ name, content }) => [name, content as Buffer]));
  const said = JSON.parse(files.get('evidence.json')?.toString() ?? '') as Told;
  return files.set('evidence.json', Buffer.from(`${JSON.stringify({ ...said, ...about })}\n`));
}

/** Changes fields of each record of this kind. */
export const with_ =
  (kind: string, fields: Told | ((record: Told) => Told)): Change =>
  (records) =>
    records.map((record) =>
      record['event'] === kind ? { ...record, ...(typeof fields === 'function' ? fields(record) : fields) } : record,
    );

/** Adds records behind the last of this kind, each at the time of that one. */
export const after =
  (kind: string, ...more: readonly Told[]): Change =>
  (records) => {
    const at = records.findLastIndex(({ event }) => event === kind);
    return records.toSpliced(at + 1, 0, ...more.map((one) => ({ at: records[at]?.['at'], ...one })));
  };

/** Adds the record of this kind again, behind itself. */
export const twice =
  (kind: string, fields: Told = {}): Change =>
  (records) =>
    after(kind, { ...records.find(({ event }) => event === kind), ...fields })(records);

export const without =
  (...kinds: readonly string[]): Change =>
  (records) =>
    records.filter(({ event }) => !kinds.includes(String(event)));

/** Puts the record of this kind before that of another. */
export const earlier =
  (kind: string, than: string): Change =>
  (records) => {
    const one = records.filter(({ event }) => event === kind);
    const rest = without(kind)(records);
    return rest.toSpliced(
      rest.findIndex(({ event }) => event === than),
      0,
      ...one,
    );
  };

export const both =
  (...changes: readonly Change[]): Change =>
  (records) =>
    changes.reduce((so, change) => change(so), records);
