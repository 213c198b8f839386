// Which recordings are held: no age and no purge removes them until they are released.
import { holdsShape, readHolds, type Hold } from '../../recordings/holds.ts';
import { writeState } from '../../adapters/state-file.ts';

export interface Holds {
  of(connection: string): Hold | undefined;
  /** Whether there is a hold at all. */
  any(): boolean;
  /** Waits for the disk. @throws Error of the file system; then nothing has changed */
  hold(made: Hold): Promise<void>;
  /** Waits for the disk. @throws Error of the file system; then nothing has changed */
  release(connection: string): Promise<void>;
}

/** @throws Error when the file is there and cannot be read: a damaged list must not count as none */
export async function openHolds(path: string): Promise<Holds> {
  let held = await readHolds(path);
  const change = async (next: readonly Hold[]): Promise<void> => {
    await writeState(path, next, true, holdsShape);
    held = next;
  };
  const others = (connection: string): readonly Hold[] => held.filter((one) => one.connection !== connection);
  return {
    of: (connection) => held.find((one) => one.connection === connection),
    any: () => held.length > 0,
    hold: async (made) => change([...others(made.connection), made]),
    release: async (connection) => change(others(connection)),
  };
}
