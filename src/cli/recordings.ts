// `recordings`: which recordings there are, from the journal and the folder of recordings, read by root, so that no keeper is needed.
import { commandExits } from '../core/exits.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorLines } from '../core/messages/host.ts';
import { asRoot } from '../core/messages/audit.ts';
import { heldMark, noRecordings, notReadable, recordingsHead } from '../core/messages/recordings.ts';
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
  const { since, login, session } = chosen;
  const shown = all
    .filter((one) => since === undefined || one.at >= since)
    .filter((one) => login === undefined || one.login === login)
    .filter((one) => session === undefined || one.session === session);
  const { columns } = process.stdout as { columns?: number };
  const lines = isJson ? [json(shown.map(row))] : linesOf(shown, columns);
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function row({ base, lastedMs, ...facts }: Recorded): Readonly<Record<string, unknown>> {
  const lengthSeconds = lastedMs === undefined ? null : seconds(lastedMs);
  return { ...facts, lengthSeconds, bytes: facts.bytes ?? null, purged: facts.purged ?? null, path: base ?? null };
}

function linesOf(shown: readonly Recorded[], columns: number | undefined): readonly string[] {
  return shown.length === 0 ? [noRecordings] : table(recordingsHead, shown.map(cells), columns);
}

function cells({ id, at, login, identity, session, lastedMs, bytes, state, held }: Recorded): readonly string[] {
  return [
    id,
    formatInstant(at).replace(' UTC', ''),
    login,
    session,
    lastedMs === undefined ? '-' : formatElapsed(lastedMs),
    bytes === undefined ? '-' : formatBytes(bytes),
    `${state}${held ? heldMark : ''}`,
    identity,
  ];
}
