// Lets somebody hear what is written to a journal, without a part in it: an error of the listener would be an error of the journal, so the
// listener must not throw.
import type { EventFields, EventName, NoOther } from '../../core/events/events.ts';
import type { Journal } from './journal.ts';

export interface JournalHears {
  /** A record is on disk. @param fields as they were given */
  readonly written: (event: EventName, fields: Readonly<Record<string, unknown>>) => void;
  /** A record could not be written. */
  readonly failed: () => void;
  /** The checkpoint was signed and replaced (checkpoint-file.ts). */
  readonly signed: () => void;
}

/** The same journal, heard. */
export function heardJournal(journal: Journal, { written, failed }: JournalHears): Journal {
  return {
    get changed() {
      return journal.changed;
    },
    get failing() {
      return journal.failing;
    },
    write: async <E extends EventName, F extends EventFields<E>>(event: E, fields: F & NoOther<E, F>) => {
      try {
        await journal.write(event, fields);
      } catch (error) {
        failed();
        throw error;
      }
      written(event, fields);
    },
    close: async () => journal.close(),
    writeHead: async () => journal.writeHead(),
    extent: async () => journal.extent(),
    records: (filter, from) => journal.records(filter, from),
  };
}
