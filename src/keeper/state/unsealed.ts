// What the keeper knows of each recording that is live, or over and not sealed yet: in a file of root's for each, so that the next keeper
// goes on where this one stopped (law 7).
import { readdir } from 'node:fs/promises';
import type { Log } from '../../adapters/log.ts';
import { readState, removeState, writeState } from '../../adapters/state-file.ts';
import { boolean, integer, list, object, optional, text } from '../../core/shape.ts';

/** As many ranges as the largest quota can have, and those that are closed by time. */
const mostRanges = 200_000;

const shape = object({
  connection: text(16),
  session: text(32),
  login: text(64),
  file: text(255),
  grant: optional(text(16)),
  request: optional(text(16)),
  gate: object({ pid: integer(1), startTime: integer(0) }),
  /** How long the journal was (bytes) when this was written. What it has of the recording and this has not comes after it. */
  journal: integer(0),
  /** The end of each range in the file. */
  cuts: list(integer(1), mostRanges),
  /** The chain of the last range. */
  chain: text(64),
  /** Whether the journal has its `recording-closed`. */
  closed: optional(boolean),
  /** Whether the journal has a `recording-changed` of it. */
  changed: optional(boolean),
});

/** A recording that is not sealed yet. */
export type Unsealed = NonNullable<ReturnType<typeof shape>>;

/** The files. */
export interface UnsealedFiles {
  /** All that can be read; what cannot is logged. */
  all(): Promise<readonly Unsealed[]>;
  /** @param durable waits for the disk */
  save(recording: Unsealed, durable: boolean): Promise<void>;
  remove(connection: string): Promise<void>;
}

/** @param folder root's, mode 0700 */
export function openUnsealed(folder: string, log: Pick<Log, 'error'>): UnsealedFiles {
  const path = (connection: string): string => `${folder}/${connection}.json`;
  const read = async (name: string): Promise<readonly Unsealed[]> => {
    const one = await readState(`${folder}/${name}`, shape).catch(() => undefined);
    if (one === undefined) log.error('recording-state-unreadable', { file: name });
    return one === undefined ? [] : [one];
  };
  return {
    all: async () => {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
      return (await Promise.all(names.map(read))).flat();
    },
    save: async (recording, durable) => writeState(path(recording.connection), recording, durable, shape),
    remove: async (connection) => removeState(path(connection)),
  };
}
