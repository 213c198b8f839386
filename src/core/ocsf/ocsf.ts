// The journal's records as events of OCSF 1.8. Each event of the table (core/events/events.ts) has its entry here; the compiler asks for it.
import { events, type EventName } from '../events/events.ts';
import { accessEvents } from './access.ts';
import { finished, told, type Fields, type Told } from './base.ts';
import { hostEvents } from './host.ts';
import { entity } from './objects.ts';
import { peopleEvents } from './people.ts';

type Translate = (record: Fields) => Told | readonly Told[];

const table = { ...peopleEvents, ...accessEvents, ...hostEvents } satisfies Readonly<Record<EventName, Translate>>;

/** A record of a version that has other events: kept as what it is. */
const unknown: Translate = (record) =>
  told('entityManagement', 'Update', { entity: entity('record', record['event']) });

/**
 * The events that a record makes: one, and one more for each process that was killed.
 * @param line the record as it stands in the journal.
 * @param version of the product that exports it.
 */
export function ocsfEvents(record: Fields, line: string, version: string): readonly Fields[] {
  const name = String(record['event']);
  const isKnown = Object.hasOwn(events, name);
  const translate = isKnown ? table[name as EventName] : unknown;
  const about = isKnown ? events[name as EventName].about : name;
  return [translate(record)].flat().map((one, part) => finished(one, { record, line, version, about }, part));
}
