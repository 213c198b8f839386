// Who asked for several hosts here, and may have access there by now: the provider is asked about them here, where their refresh token is
// (identity/rechecks.ts), and their access on the other hosts ends when it no longer vouches for them (follow-asked.ts).
//
// 1. A batch is noted on disk before it is posted, and for longer than any access that may come of it. Attack: a person whom the company has
//    disabled goes on elsewhere, because no host that has their connection can ask about them.
// 2. What is decided about it here (withdrawn; its person is gone) is on disk before it is done, and done again until it holds. Accident: the keeper
//    dies, or Redis is away, in between.
// 3. That receivers of notices were told of a batch is on disk until the notice of its end is on its way. Accident: the keeper restarts meanwhile, and
//    on-call is paged for nothing for ever.
// 4. One person has few notes, whatever Redis says, and no note leaves before its time. Attack: requests without end push others' notes out.
import { readState, writeState } from '../../adapters/state-file.ts';
import type { Batch } from '../../core/batch.ts';
import { isSamePerson, type SamePerson } from '../../core/identity.ts';
import { idShape, instantShape, personShape } from '../../core/request.ts';
import { boolean, list, object, optional, text, type Shaped } from '../../core/shape.ts';
import { day } from '../../core/time.ts';

const mostKept = 4_000;
const announcedFields = {
  session: text(64),
  /** Its hosts, as notices say them. */
  hosts: text(300),
  /** Whether a look has seen a review. */
  reviewed: optional(boolean),
  /** Whether its end was told. */
  over: optional(boolean),
};
const noteFields = {
  batch: idShape,
  who: personShape,
  /** Until when it waits for an answer: an instant, ms. */
  answerBy: instantShape,
  /** When its person took it back: an instant, ms. */
  withdrawn: optional(instantShape),
  gone: optional(boolean),
  /** Rule 3. */
  announced: optional(object(announcedFields)),
};
const stateShape = list(object(noteFields), mostKept);

/** A batch that was asked for here. */
export type AskedNote = Shaped<typeof noteFields>;

/** What receivers of notices were told of. */
export type Announced = Shaped<typeof announcedFields>;

/** The batches that were asked for here and still matter. */
export interface AskedHere {
  /** Rule 1. On disk when it resolves. @returns false when there is no room (rule 4) @throws an error of the file system */
  add(batch: Batch): Promise<boolean>;
  all(): readonly AskedNote[];
  /** Rule 2. @throws an error of the file system */
  mark(batches: readonly string[], as: 'withdrawn' | 'gone'): Promise<void>;
  /** Rule 3. @throws an error of the file system */
  announce(batch: string, what: Announced): Promise<void>;
  /** Somebody reviewed it somewhere. @throws an error of the file system */
  noteReviewed(batch: string): Promise<void>;
  /**
   * Calls `tell` if the end of the batch is still to be told, and remembers that it was: whoever comes first tells it.
   * @throws an error of the file system; then a later keeper may tell it again
   */
  closeNotice(batch: string, tell: (note: AskedNote, what: Announced) => void): Promise<void>;
  /** Which batches have live grants, by the last look at the store. */
  live(batches: ReadonlySet<string>): void;
  /** The batches of a person that wait or have live grants, with their login here; not those of one who is gone. */
  of(who: SamePerson): readonly { readonly batch: string; readonly login: string }[];
}

const mark = (as: 'withdrawn' | 'gone', at: number): Partial<AskedNote> =>
  as === 'withdrawn' ? { withdrawn: at } : { gone: true };

/** The longest window of a session (config/session-schema.ts): no access lasts longer after the last answer. */
const longestMs = day;

/** Reads what earlier keepers noted. @throws Error when the file cannot be understood */
export async function openAskedHere(path: string, now: () => number): Promise<AskedHere> {
  const earlier = (await readState(path, stateShape)) ?? [];
  return askedHereOf(earlier, now, async (notes) => writeState(path, notes, true, stateShape));
}

/** The same over any store. @param write keeps the notes for the next keeper */
export function askedHereOf(
  earlier: readonly AskedNote[],
  now: () => number,
  write: (notes: readonly AskedNote[]) => Promise<void>,
): AskedHere {
  let noted = earlier;
  let alive: ReadonlySet<string> = new Set();
  const all = (): readonly AskedNote[] => noted.filter(({ answerBy }) => answerBy + longestMs > now());
  const save = async (next: readonly AskedNote[]): Promise<void> => {
    noted = next;
    await write(noted);
  };
  const announce = async (batch: string, announced: Announced): Promise<void> =>
    save(all().map((note) => (note.batch === batch ? { ...note, announced } : note)));
  const open = (batch: string): (AskedNote & { readonly announced: Announced }) | undefined => {
    const note = all().find((one) => one.batch === batch);
    return note?.announced === undefined || note.announced.over === true
      ? undefined
      : { ...note, announced: note.announced };
  };
  return {
    add: async ({ id, who, answerBy }) => {
      if (all().length >= mostKept) return false;
      await save([...all(), { batch: id, who, answerBy }]);
      return true;
    },
    all,
    mark: async (batches, as) =>
      save(all().map((note) => (batches.includes(note.batch) ? { ...note, ...mark(as, now()) } : note))),
    announce,
    noteReviewed: async (batch) => {
      const note = open(batch);
      if (note !== undefined) await announce(batch, { ...note.announced, reviewed: true });
    },
    closeNotice: async (batch, tell) => {
      const note = open(batch);
      if (note === undefined) return;
      tell(note, note.announced);
      await announce(batch, { ...note.announced, over: true });
    },
    live: (batches) => (alive = batches),
    of: (who) =>
      all()
        .filter((note) => isSamePerson(note.who, who) && note.gone !== true)
        .filter((note) => now() < note.answerBy || alive.has(note.batch))
        .map((note) => ({ batch: note.batch, login: note.who.login })),
  };
}
