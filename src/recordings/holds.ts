// The file of the holds: the keeper writes it, and `tmux-gate recordings` reads it, so that what is listed is what is in force.
import { integer, list, object, text } from '../core/shape.ts';
import { readState } from '../adapters/state-file.ts';

const holdShape = object({ connection: text(16), by: text(200), reason: text(1000), at: integer(0) });
export const holdsShape = list(holdShape, 10_000);

/** A hold on the recording of a connection; `at`: instant, milliseconds. */
export type Hold = NonNullable<ReturnType<typeof holdShape>>;

/** All holds in force. @throws Error when the file is there and cannot be read: a damaged list must not count as none */
export async function readHolds(path: string): Promise<readonly Hold[]> {
  return (await readState(path, holdsShape)) ?? [];
}
