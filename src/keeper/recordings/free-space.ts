// The free space where the recordings are (core/recording/reserve.ts). The gates write without asking: whoever prints enough fills the disk,
// and the journal may be on the same one.
import { statfs } from 'node:fs/promises';
import type { Log } from '../../adapters/log.ts';
import { littleSpace, noSpaceLines } from '../../core/messages/attached.ts';
import { connectionEnds } from '../../core/messages/ends.ts';
import type { Config } from '../../core/policy-types.ts';
import { spaceOn, type Disk } from '../../core/recording/reserve.ts';
import { Refused } from '../../core/refusal.ts';
import type { Layout } from '../../wire/layout.ts';
import type { Connection } from '../connections/connection.ts';
import { showToAll, type RemindersDeps } from '../connections/reminders.ts';
import type { Alarms } from '../notices/alarms.ts';

export interface SpaceDeps extends RemindersDeps {
  readonly layout: Layout;
  readonly config: Config;
  readonly alarms: Alarms;
  readonly log: Log;
}

/** The disk of the recordings. @throws Error of the system */
export async function recordingsDisk({ layout }: Pick<SpaceDeps, 'layout'>): Promise<Disk> {
  const { blocks, bavail, bsize, files, ffree } = await statfs(layout.recordings);
  return { size: blocks * bsize, free: bavail * bsize, noInodes: files > 0 && ffree === 0 };
}

/**
 * Refuses when there is less than the reserve.
 * @param isUrgent break-glass may use the reserve: a full disk is often why somebody has to come in
 * @throws Refused RECORDINGS_FULL
 */
export async function checkSpace(deps: Pick<SpaceDeps, 'layout' | 'config' | 'host'>, isUrgent = false): Promise<void> {
  const space = spaceOn(await recordingsDisk(deps), deps.config.recordings.reserveBytes);
  if (space === 'none' || (space === 'low' && !isUrgent)) throw new Refused('RECORDINGS_FULL', { host: deps.host });
}

/** Looks at the disk at each call while somebody is attached: warns once when space is low, and ends all connections when there is none. */
export function watchSpace(deps: SpaceDeps): () => Promise<void> {
  let warned = false;
  return async () => {
    const there = deps.connections.all().filter(({ over }) => over === undefined);
    if (there.length === 0) return;
    const space = spaceOn(await recordingsDisk(deps), deps.config.recordings.reserveBytes);
    if (space !== 'enough') deps.alarms.raiseFor('RECORDINGS_FULL');
    if (space === 'low' && !warned) warn(deps, there);
    warned = space !== 'enough';
    if (space === 'none') endAll(deps, there);
  };
}

function warn(deps: SpaceDeps, there: readonly Connection[]): void {
  for (const connection of there) void showToAll(deps, connection, littleSpace);
}

function endAll({ connections, host, log }: SpaceDeps, there: readonly Connection[]): void {
  const how = { why: connectionEnds.recordingsFull, lines: noSpaceLines(host), exit: 69 };
  for (const connection of there)
    connections.end(connection, how).catch((error: unknown) => log.error('end-failed', { error }));
}
