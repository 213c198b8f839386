// Brings the index of `find` up to what is on disk: sealed recordings that are missing in it are added, and those that are gone, purged or
// encrypted leave it.
//
// 1. An encrypted recording is never indexed: its texts would lie on the host in the clear. Attack: whoever has the disk reads them.
// 2. One program adds at a time. The others wait, and add what is still missing then.
// 3. A damaged recording is added up to the damage, and `find` says that it is. Accident: each search reads it again, and fails.
// 4. What is gone is looked for while nobody else can add. Attack: a recording is purged while another program is adding it, and its texts
//    come into the index afterwards.
import { join } from 'node:path';
import { wholeEnd } from '../../adapters/journal/end.ts';
import { journalLines, journalName, parsed, type JournalRecord } from '../../adapters/journal/read.ts';
import { listRecordings, type ListedRecording } from '../../adapters/recordings/list.ts';
import { openRecording, type Recording } from '../../adapters/recordings/open.ts';
import { Unreadable } from '../../adapters/recordings/unreadable.ts';
import { keepKeyframes, type DrawnEvents } from '../make-keyframes.ts';
import { DocumentMaker, type PackedDocument } from './documents.ts';
import type { ConnectionFacts, SearchIndex } from './search-index.ts';
import { textsIn, type Source } from './texts.ts';

/** Where things are (src/wire/layout.ts). */
export interface Places {
  readonly recordings: string;
  readonly journal: string;
}

/** How far it is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** What is read now; undefined: another program is adding. */
  readonly id: string | undefined;
}

/**
 * Brings the index up to date.
 * @param tell called before each recording
 * @throws IndexDamaged; Error of the system or of SQLite
 */
export async function catchUp(
  index: SearchIndex,
  places: Places,
  tell: (progress: Progress) => void = () => undefined,
): Promise<void> {
  const wait = (): void => tell({ done: 0, total: 0, id: undefined });
  await readConnections(index, places.journal, wait);
  const sealed = await removeGone(index, places.recordings, wait);
  if (index.hasRemains()) wipe(index, wait);
  const known = new Set(index.recordings().map(({ id }) => id));
  const missing = sealed.filter(({ id }) => !known.has(id));
  for (const [done, one] of missing.entries()) {
    const progress = { done, total: missing.length, id: one.id };
    tell(progress);
    await whole(
      index,
      async () => add(index, one),
      () => tell({ ...progress, id: undefined }),
    );
  }
}

/** Rule 2. */
async function whole(index: SearchIndex, write: () => Promise<void>, wait: () => void): Promise<void> {
  while (!(await index.whole(write))) wait();
}

/**
 * Takes the texts of recordings that are gone, purged or encrypted out of the index and its files.
 * @param wait called each second in which another program uses the index; what it throws ends the waiting
 * @throws IndexDamaged; Error of the system or of SQLite
 */
export async function forgetGone(index: SearchIndex, recordings: string, wait: () => void): Promise<void> {
  await removeGone(index, recordings, wait);
  wipe(index, wait);
}

/** Rule 4. @returns the recordings that are sealed */
async function removeGone(
  index: SearchIndex,
  recordings: string,
  wait: () => void,
): Promise<readonly ListedRecording[]> {
  const sealed: ListedRecording[] = [];
  const remove = async (): Promise<void> => {
    for await (const one of listRecordings(recordings)) if (one.kind === 'sealed') sealed.push(one);
    const there = new Set(sealed.map(({ id }) => id));
    const gone = index.recordings().filter(({ id }) => !there.has(id));
    index.removeRecordings(gone.map(({ number }) => number));
  };
  await whole(index, remove, wait);
  return sealed;
}

function wipe(index: SearchIndex, wait: () => void): void {
  while (!index.wiped()) wait();
}

/** Adds a recording, unless another program has done so meanwhile or it is gone. */
async function add(index: SearchIndex, { id, base, day }: ListedRecording): Promise<void> {
  if (index.has(id)) return;
  const number = index.addRecording(id, Date.parse(day) / 1000);
  const fault = await faultIn(async () => {
    await using recording = await openSealed(base);
    if (recording === undefined) return index.removeRecording(number);
    await addTexts({ index, number }, base, recording);
  });
  if (fault !== undefined) index.setFault(number, fault);
}

/** @returns what is wrong with the recording that `read` reads (rule 3) */
async function faultIn(read: () => Promise<void>): Promise<string | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (error instanceof Unreadable) return error.message;
    throw error;
  }
}

type Sealed = Recording & AsyncDisposable;

/** @returns undefined when it is gone or encrypted meanwhile (rule 1). @throws Unreadable */
async function openSealed(base: string): Promise<Sealed | undefined> {
  try {
    const recording = await openRecording(base);
    if (recording.kind === 'sealed') return { ...recording, [Symbol.asyncDispose]: async () => recording.close() };
    await recording.close();
    return undefined;
  } catch (error) {
    if (error instanceof Unreadable && error.why !== 'damaged') return undefined;
    throw error;
  }
}

/** The recording is drawn for its texts anyway, so its keyframes are made as well, and the first jump into it waits for nothing. */
async function addTexts(place: Place, base: string, recording: Recording): Promise<void> {
  const { timestamp } = recording.header;
  if (timestamp !== undefined) place.index.setBegan(place.number, timestamp);
  const draw = async (events: DrawnEvents): Promise<void> => addDrawn(place, { header: recording.header, events });
  // A short one is drawn in no time.
  if (recording.ranges.length > 1) await keepKeyframes(base, recording, draw);
  else await draw(() => recording.events());
}

/** Where the texts of a recording go. */
interface Place {
  readonly index: SearchIndex;
  readonly number: number;
}

async function addDrawn({ index, number }: Place, source: Source): Promise<void> {
  const take = (document: PackedDocument): void => index.addDocument(number, document);
  const [screen, typed] = [new DocumentMaker(false, take), new DocumentMaker(true, take)];
  let lasted = 0;
  try {
    for await (const texts of textsIn(source))
      for (const text of texts) {
        (text.isTyped ? typed : screen).add(text);
        lasted = Math.max(lasted, text.at);
      }
  } finally {
    screen.end();
    typed.end();
    index.setLasted(number, lasted);
  }
}

/** Reads whose recordings they are, from where it stopped the last time. */
async function readConnections(index: SearchIndex, folder: string, wait: () => void): Promise<void> {
  const path = join(folder, journalName);
  const size = await wholeEnd(path).catch(() => 0); // without a journal the recordings are searched all the same
  const read = index.journalRead();
  if (read === size) return;
  const facts: ConnectionFacts[] = [];
  let end = read > size ? 0 : read;
  for await (const { text, whole: isWhole } of journalLines(path, size, end)) {
    if (!isWhole) break;
    end += text.length + 1;
    const record = text.includes('"connected"') ? parsed(text) : undefined;
    if (record?.['event'] === 'connected') facts.push(factsOf(record));
  }
  await whole(index, () => Promise.resolve(index.addConnections(facts, end)), wait);
}

function factsOf(record: JournalRecord): ConnectionFacts {
  const textOf = (key: string): string => {
    const value = record[key];
    return typeof value === 'string' ? value : '';
  };
  return { id: textOf('connection'), login: textOf('login'), session: textOf('session') };
}
