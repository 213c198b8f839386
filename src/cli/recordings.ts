// `recordings`: which recordings there are, from the journal and the folder of recordings, read by root, so that no keeper is needed.
import { commandExits } from '../core/exits.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorLines } from '../core/messages/host.ts';
import { asRoot } from '../core/messages/audit.ts';
import { heldHead, heldMark, noHolds, noRecordings, notReadable, recordingsHead } from '../core/messages/recordings.ts';
import { formatElapsed, formatInstant, seconds } from '../core/time.ts';
import { catalogueOf, type Recorded } from '../recordings/catalogue.ts';
import { formatBytes } from '../recordings/format-bytes.ts';
import type { Layout } from '../wire/layout.ts';
import { json, table } from '../wire/listing.ts';

/** Which recordings are listed; what is undefined chooses all. */
export interface ListedBy {
  /** Instant, milliseconds. */
  readonly since: number | undefined;
  readonly login: string | undefined;
  readonly session: string | undefined;
  /** Only those that somebody holds, with who, since when and why. */
  readonly held: boolean;
}

/** All recordings of this host, the oldest first. @throws Error of the system, EACCES for those who are not root */
export async function readCatalogue(layout: Layout): Promise<readonly Recorded[]> {
  return catalogueOf(layout, (connection) => existsSync(join(layout.connections, `${connection}.json`)));
}

/** Prints the list. @returns the exit code */
export async function listRecordings(layout: Layout, chosen: ListedBy, isJson: boolean): Promise<number> {
  const all = await readCatalogue(layout).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return undefined;
    throw error;
  });
  if (all === undefined) {
    process.stderr.write(errorLines(notReadable, asRoot));
    return commandExits.noperm;
  }
  const { since, login, session, held } = chosen;
  const shown = all
    .filter((one) => since === undefined || one.at >= since)
    .filter((one) => login === undefined || one.login === login)
    .filter((one) => session === undefined || one.session === session)
    .filter((one) => !held || one.hold !== undefined);
  const { columns } = process.stdout as { columns?: number };
  const lines = isJson ? [json(shown.map(row))] : held ? heldLines(shown, columns) : linesOf(shown, columns);
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function row({ base, lastedMs, hold, ...facts }: Recorded): Readonly<Record<string, unknown>> {
  const lengthSeconds = lastedMs === undefined ? null : seconds(lastedMs);
  return {
    ...{ ...facts, held: hold !== undefined, hold: hold ?? null, lengthSeconds },
    ...{ bytes: facts.bytes ?? null, purged: facts.purged ?? null, path: base ?? null },
  };
}

function linesOf(shown: readonly Recorded[], columns: number | undefined): readonly string[] {
  return shown.length === 0 ? [noRecordings] : table(recordingsHead, shown.map(cells), columns);
}

function heldLines(shown: readonly Recorded[], columns: number | undefined): readonly string[] {
  return shown.length === 0 ? [noHolds] : table(heldHead, shown.map(heldCells), columns);
}

const timeOf = (at: number): string => formatInstant(at).replace(' UTC', '');

function heldCells({ id, login, session, state, hold }: Recorded): readonly string[] {
  return [id, login, session, state, hold === undefined ? '-' : timeOf(hold.at), hold?.by ?? '-', hold?.reason ?? '-'];
}

function cells({ id, at, login, identity, session, lastedMs, bytes, state, hold }: Recorded): readonly string[] {
  return [
    id,
    timeOf(at),
    login,
    session,
    lastedMs === undefined ? '-' : formatElapsed(lastedMs),
    bytes === undefined ? '-' : formatBytes(bytes),
    `${state}${hold === undefined ? '' : heldMark}`,
    identity,
  ];
}
