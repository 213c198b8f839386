// Opens the recording that a word names, for the commands that show one: says why it cannot be, and has the keeper journal who reads it.
import { commandExits } from '../core/exits.ts';
import { readFile } from 'node:fs/promises';
import { openRecording, type Recording } from '../adapters/recordings/open.ts';
import { Unreadable } from '../adapters/recordings/unreadable.ts';
import { parseId } from '../core/ids.ts';
import { CastFault } from '../core/recording/cast.ts';
import { asRoot } from '../core/messages/audit.ts';
import { errorLines } from '../core/messages/host.ts';
import {
  damagedHint,
  encryptedRecording,
  giveIdentity,
  identityNotReadable,
  listThem,
  lookForIt,
  missingRecording,
  nameOne,
  noSuchRecording,
  notReadable,
  otherIdentity,
  purgedRecording,
  severalRecordings,
  stillProved,
  wrongIdentity,
} from '../core/messages/recordings.ts';
import type { Reading } from '../core/reading.ts';
import { sanitizeLine } from '../core/text.ts';
import { formatInstant } from '../core/time.ts';
import { namedBy, type Recorded } from '../recordings/catalogue.ts';
import type { Layout } from '../wire/layout.ts';
import { announceReading } from './announce-reading.ts';
import { readCatalogue } from './recordings.ts';

/** What is to be read, as it was typed. */
export interface ToOpen {
  readonly word: string;
  readonly what: Reading;
  readonly query?: string | undefined;
  readonly reason: string | undefined;
  /** A file with an age identity. */
  readonly identity: string | undefined;
}

/** An open recording, with the facts of its connection. */
export interface Opened {
  readonly recording: Recording;
  readonly facts: Recorded;
  readonly base: string;
  /** All recordings that there are, this one among them. */
  readonly all: readonly Recorded[];
  /** The text of the age identity that was given. */
  readonly identity: string | undefined;
}

/** Why it is not read, and the exit code. */
class NotRead extends Error {
  override readonly name = 'NotRead';
  readonly exit: number;
  readonly hint: string;

  constructor(exit: number, say: string, hint: string) {
    super(say);
    this.exit = exit;
    this.hint = hint;
  }
}

/**
 * Opens a recording and runs `show` on it, once the journal has who reads it (announce-reading.ts).
 * @returns the exit code of `show`, or of what is wrong, which has been said
 */
export async function withRecording(
  layout: Layout,
  asked: ToOpen,
  show: (opened: Opened) => Promise<number>,
): Promise<number> {
  try {
    const all = await readCatalogue(layout);
    const facts = factsOf(all, asked);
    const identity = asked.identity === undefined ? undefined : await identityOf(asked.identity);
    if (facts.state === 'encrypted' && identity === undefined)
      throw new NotRead(commandExits.noperm, encryptedRecording(facts.id), giveIdentity);
    const { what, query, reason } = asked;
    const refused = await announceReading(layout, { what, of: facts.id, query, reason });
    if (refused !== 0) return refused;
    const { base } = facts;
    const options = { connections: layout.connections, ...(identity === undefined ? {} : { identity }) };
    const recording = await openRecording(base, options);
    return await show({ recording, facts, base, all, identity }).finally(async () => recording.close());
  } catch (error) {
    const { exit, message, hint } = notRead(error, asked.word);
    process.stderr.write(errorLines(message, hint));
    return exit;
  }
}

/** @throws NotRead */
function factsOf(all: readonly Recorded[], { word }: ToOpen): Recorded & { readonly base: string } {
  const id = parseId(word);
  const shown = sanitizeLine(word, 40);
  const [facts, ...more] = id === undefined ? [] : namedBy(all, id);
  if (facts === undefined) throw new NotRead(commandExits.noInput, noSuchRecording(shown), listThem);
  if (more.length > 0) {
    const ids = [facts, ...more].map((one) => one.id);
    throw new NotRead(commandExits.usage, severalRecordings(shown, ids), nameOne);
  }
  const { base, purged } = facts;
  if (base !== undefined) return { ...facts, base };
  if (purged === undefined) throw new NotRead(commandExits.noInput, missingRecording(facts.id), lookForIt);
  const day = formatInstant(purged.at).slice(0, 10);
  const said = purgedRecording(facts.id, day, sanitizeLine(purged.by, 100), sanitizeLine(purged.reason, 400));
  throw new NotRead(commandExits.noInput, said, stillProved);
}

async function identityOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new NotRead(commandExits.noInput, identityNotReadable(path), giveIdentity);
  }
}

/** @throws the error itself when it says nothing of the recording */
function notRead(error: unknown, word: string): NotRead {
  if (error instanceof NotRead) return error;
  if ((error as NodeJS.ErrnoException).code === 'EACCES') return new NotRead(commandExits.noperm, notReadable, asRoot);
  if (error instanceof CastFault) return new NotRead(commandExits.data, sanitizeLine(error.message, 400), damagedHint);
  if (!(error instanceof Unreadable)) throw error;
  const id = sanitizeLine(word, 40);
  switch (error.why) {
    case 'encrypted':
      return new NotRead(commandExits.noperm, encryptedRecording(id), giveIdentity);
    case 'wrong-identity':
      return new NotRead(commandExits.noperm, wrongIdentity(id), otherIdentity);
    case 'missing':
    case 'purged':
      return new NotRead(commandExits.noInput, missingRecording(id), lookForIt);
    case 'damaged':
      return new NotRead(commandExits.data, sanitizeLine(error.message, 400), damagedHint);
  }
}
