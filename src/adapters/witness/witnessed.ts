// What this host has cosigned for the journals of its peers, as a witness: a file for each host, in a folder of root's own.
//
// 1. A checkpoint is on disk before its cosignature leaves this host, so a witness that lost power never signs two that contradict each
//    other (C2SP tlog-witness).
// 2. One note an hour is kept, so that somebody can say between which two of them a journal was changed.
// 3. Root may accept a journal that contradicts what was cosigned (`audit witnessed HOST --accept`), for exactly the checkpoint that was
//    cosigned last. The keeper carries it out, and journals it first.
import { appendFile, mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { contradictions } from '../../core/tlog/witness.ts';
import { integer, object, oneOf, optional, text } from '../../core/shape.ts';
import type * as StateFiles from '../state-file.ts';

const noteLimit = 16 * 1024;

const contradictingShape = object({
  problem: oneOf(...contradictions),
  /** How many records the host showed. */
  size: integer(0),
  /** The checkpoint that the host signed. */
  note: text(noteLimit),
  /** When it was seen: milliseconds since the epoch. */
  at: integer(0),
});

const witnessedShape = object({
  /** The number of the last ask that was looked at. */
  asked: integer(0),
  /** How many records were cosigned; 0 for none. */
  size: integer(0),
  /** The root, base64. */
  root: text(64),
  /** The checkpoint, with this host's cosignature. */
  note: text(noteLimit),
  /** When it was cosigned: milliseconds since the epoch. */
  at: integer(0),
  /** The first checkpoint that contradicts what was cosigned, as long as the host shows no other. */
  contradicting: optional(contradictingShape),
});

export type Witnessed = NonNullable<ReturnType<typeof witnessedShape>>;

const acceptedShape = object({ size: integer(0), by: text(128), reason: text(400), at: integer(0) });
/** What root accepted (rule 3): what was cosigned last, by whom, why, and when (ms since the epoch). */
export type AcceptedFork = NonNullable<ReturnType<typeof acceptedShape>>;

export const nothingWitnessed: Witnessed = { asked: 0, size: 0, root: '', note: '', at: 0 };

/** How the files are read, replaced and removed. */
export type Files = Pick<typeof StateFiles, 'readState' | 'writeState' | 'removeState'>;

/** What was cosigned for others. */
export class WitnessedLogs {
  readonly #files: Files;
  readonly #folder: string;

  constructor(files: Files, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  /** The hosts of which something is known, by name. */
  async hosts(): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names
      .flatMap((name) => (/^[^.].*\.log\.json$/.test(name) ? [name.slice(0, -'.log.json'.length)] : []))
      .sort();
  }

  /** @throws Error when the file cannot be understood: then nothing may be cosigned */
  async of(host: string): Promise<Witnessed> {
    return (await this.#files.readState(this.#path(host, 'log.json'), witnessedShape)) ?? nothingWitnessed;
  }

  /** Replaces what is known of a host; it is on disk when this resolves (rule 1). @throws Error of the system */
  async keep(host: string, witnessed: Witnessed): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#files.writeState(this.#path(host, 'log.json'), witnessed, true, witnessedShape);
  }

  /** Adds a note to those that are kept (rule 2). */
  async add(host: string, note: string): Promise<void> {
    await appendFile(this.#path(host, 'notes'), `${note}\n`, { mode: 0o600 });
  }

  /** The notes that are kept, oldest first. */
  async notes(host: string): Promise<readonly string[]> {
    const kept = await readFile(this.#path(host, 'notes'), 'utf8').catch(() => '');
    return [...kept.matchAll(/(?:[^\n]+\n)+\n(?:\u2014 [^\n]+\n)+(?=\n)/g)].map(([note]) => note);
  }

  /** Rule 3. @throws Error of the system */
  async accept(host: string, accepted: AcceptedFork): Promise<void> {
    await this.#files.writeState(this.#path(host, 'accepted.json'), accepted, true, acceptedShape);
  }

  async accepted(host: string): Promise<AcceptedFork | undefined> {
    return this.#files.readState(this.#path(host, 'accepted.json'), acceptedShape);
  }

  async forgetAccepted(host: string): Promise<void> {
    await this.#files.removeState(this.#path(host, 'accepted.json'));
  }

  #path(host: string, what: string): string {
    return join(this.#folder, `${host}.${what}`);
  }
}
