// What was killed, in the journal (law 6): each process by pid, name, uid and age, however many there were.
import type { Killed } from '../adapters/cgroup-fence.ts';
import type { House } from './house.ts';

type Facts = Readonly<Record<string, unknown>>;

export interface Gone {
  readonly killed: readonly Killed[];
  /** What went by itself once it was asked; left out where nothing is ever asked. */
  readonly ended?: readonly Killed[];
}

/** A record holds 16 KiB (adapters/journal-record.ts); forty of each fit, also with names that take six characters a byte. */
const perRecord = 40;

/** Writes a record with what was killed; what does not fit follows in records called `killed-too`. */
export async function writeEnd(house: House, event: string, facts: Facts, gone: Gone): Promise<void> {
  const { killed, ended } = gone;
  await house.journal.write(event, {
    ...facts,
    ...(ended === undefined ? {} : { ended: killedFacts(ended.slice(0, perRecord)) }),
    killed: killedFacts(killed.slice(0, perRecord)),
  });
  const { id, connection } = facts;
  const of = { of: event, ...(id === undefined ? {} : { id }), ...(connection === undefined ? {} : { connection }) };
  for (const rest of chunks(ended ?? [])) await house.journal.write('killed-too', { ...of, ended: killedFacts(rest) });
  for (const rest of chunks(killed)) await house.journal.write('killed-too', { ...of, killed: killedFacts(rest) });
}

/** Everything after the first record's. */
function chunks(all: readonly Killed[]): readonly (readonly Killed[])[] {
  const starts = Array.from({ length: Math.ceil(all.length / perRecord) }, (_, n) => n * perRecord);
  return starts.slice(1).map((start) => all.slice(start, start + perRecord));
}

function killedFacts(killed: readonly Killed[]): readonly Facts[] {
  return killed.map(({ pid, comm, uid, ageMs }) => ({ pid, comm, uid, ageSeconds: Math.round(ageMs / 1000) }));
}
