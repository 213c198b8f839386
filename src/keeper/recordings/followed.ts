// One recording while it is written: from its connection's beginning to the record of its end. The rules are in recordings.ts.
import { lstat } from 'node:fs/promises';
import type { Journal } from '../../adapters/journal/journal.ts';
import { isSame } from '../../adapters/processes.ts';
import { chainOf } from '../../adapters/recordings/digests.ts';
import { followFile, RecordingChanged, type Growing } from '../../adapters/recordings/growing.ts';
import { failures, recordingEnds } from '../../core/messages/ends.ts';
import type { Alarms } from '../notices/alarms.ts';
import type { Unsealed, UnsealedFiles } from '../state/unsealed.ts';

export interface FollowedDeps {
  readonly journal: Journal;
  readonly alarms: Alarms;
  readonly unsealed: UnsealedFiles;
  now(): number;
}

/** A recording that the keeper reads. */
export interface Followed {
  state: Unsealed;
  readonly growing: Growing;
  /** When its connection ended: instant, ms; undefined while that goes on. */
  overAt: number | undefined;
  /** Whether an earlier keeper read it, and what the journal has of it still has to be compared. */
  unchecked: boolean;
  /** Whether its file cannot be read on (recordings.ts, rule 3). */
  lost: boolean;
  /** How far the digests of an earlier keeper reach, where the connection had ended before this one read on: bytes. */
  readonly early: number | undefined;
}

/** Ranges that are read of one recording before the next recording has its turn. */
const rangesATurn = 64;
/** How long after the end of its connection a gate is waited for. */
const gateMs = 5_000;

/**
 * @param earlier whether an earlier keeper began to read it
 * @param overAt when its connection ended, if it has: instant, ms
 */
export function follow(state: Unsealed, earlier: boolean, overAt?: number): Followed {
  const { file, cuts, chain } = state;
  const reached = { ranges: cuts.length, bytes: cuts.at(-1) ?? 0, chain };
  const growing = followFile(file, earlier ? reached : undefined);
  const early = overAt === undefined ? undefined : reached.bytes;
  return { state, growing, overAt, unchecked: earlier && cuts.length > 0, lost: false, early };
}

/**
 * Reads on; after the end, closes the recording.
 * @returns whether nothing is left to do: it is closed, and its gate is gone
 * @throws Refused JOURNAL_DOWN, Error of the system: nothing is lost, call it again later
 */
export async function advance(deps: FollowedDeps, one: Followed): Promise<boolean> {
  const isGone = one.overAt !== undefined && !(await isSame(one.state.gate.pid, one.state.gate.startTime));
  if (one.state.closed === true) return lookBehind(deps, one, isGone);
  const isLast = one.overAt !== undefined && (isGone || deps.now() - one.overAt >= gateMs);
  const isRead = await readSafely(deps, one, isLast);
  if (!isLast || !isRead) return false;
  await close(deps, one, isGone);
  return lookBehind(deps, one, isGone);
}

/** Rule 3. @returns whether all that there is was read */
async function readSafely(deps: FollowedDeps, one: Followed, isLast: boolean): Promise<boolean> {
  if (one.lost) return true;
  try {
    if (one.unchecked) await compare(one);
    return await readOn(deps, one, isLast);
  } catch (error) {
    if (!(error instanceof RecordingChanged)) throw error;
    one.lost = error.what !== 'changed';
    await tellChanged(deps, one, error);
    return one.lost;
  }
}

async function compare(one: Followed): Promise<void> {
  const { file, cuts, chain } = one.state;
  const found = await chainOf(file, cuts);
  one.unchecked = false;
  if (found === undefined || found === chain) return; // a file that is missing or shorter is found by reading on
  throw new RecordingChanged('changed', (await lstat(file)).size);
}

async function readOn(deps: FollowedDeps, one: Followed, isLast: boolean): Promise<boolean> {
  for (let left = rangesATurn; left > 0; left--) {
    const range = await one.growing.next(deps.now(), isLast);
    if (range === undefined) return true;
    const { connection, cuts } = one.state;
    await deps.journal.write('recording-range', { connection, ...range });
    one.growing.accept(range);
    await save(deps, one, { cuts: [...cuts, range.to], chain: range.chain });
  }
  return false;
}

/** It need not be on disk at once: what the journal has after `journal` is read again (rule 1). */
async function save(deps: FollowedDeps, one: Followed, change: Partial<Unsealed>): Promise<void> {
  const { bytes: journal } = await deps.journal.extent();
  one.state = { ...one.state, ...change, journal };
  await deps.unsealed.save(one.state, false);
}

async function tellChanged(deps: FollowedDeps, one: Followed, { what, found }: RecordingChanged): Promise<void> {
  const { connection, changed } = one.state;
  deps.alarms.raise(failures.recordingChanged(connection, what));
  if (changed === true) return;
  await deps.journal.write('recording-changed', { connection, what, bytes: one.growing.reached.bytes, found });
  await save(deps, one, { changed: true });
}

async function close(deps: FollowedDeps, one: Followed, isGone: boolean): Promise<void> {
  const { connection, session, login } = one.state;
  const { reached, wasThere, isWhole } = one.growing;
  const late = reached.bytes - (one.early ?? reached.bytes);
  const unusual = [
    ...(late > 0 ? [recordingEnds.late(late)] : []),
    ...(one.lost ? [recordingEnds.changed] : wasThere ? [] : [recordingEnds.noFile]),
    ...(isWhole ? [] : [recordingEnds.torn]),
    ...(isGone ? [] : [recordingEnds.gateStays]),
  ];
  const why = unusual.length === 0 ? {} : { why: unusual.join('; ') };
  await deps.journal.write('recording-closed', { connection, session, login, ...reached, ...why });
  await save(deps, one, { closed: true });
}

/** Rule 4: what is written behind the end is told. */
async function lookBehind(deps: FollowedDeps, one: Followed, isGone: boolean): Promise<boolean> {
  const size = await lstat(one.state.file).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size > one.growing.reached.bytes && !one.lost) {
    one.lost = true;
    await tellChanged(deps, one, new RecordingChanged('longer', size));
  }
  return isGone;
}
