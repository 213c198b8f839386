// Judges what was found of each part of a host: pure, without a clock of its own.
import type { Level, Part } from './parts.ts';
import {
  certificateLeft,
  certificatesFine,
  clockOf,
  clockOff,
  clocksAgree,
  drifted,
  fixCertificate,
  fixChanged,
  fixClock,
  fixHooks,
  fixOutdated,
  fixQuota,
  fixReserve,
  fixSpace,
  fixUnwritten,
  hooksAnswer,
  hooksDown,
  hooksFail,
  journalFine,
  journalUnwritten,
  nearQuota,
  noCertificates,
  noFilesLeft,
  noHooks,
  notLooked,
  outdated,
  overReserve,
  recordingsRoom,
  seeDisk,
  spaceLeft,
  sshdFine,
  sudoFine,
  upFor,
} from '../messages/health.ts';
import type { DriftOf } from './drift.ts';
import { spaceOn, reserveOf, type Disk } from '../recording/reserve.ts';
import { formatSize } from '../size.ts';
import { day, formatDuration, second } from '../time.ts';

const MiB = 1024 * 1024;
/** Below this the keeper refuses visits (law 7). */
const leastRoom = 16 * MiB;
/** From here on somebody has to act. */
const littleRoom = 64 * MiB;

/** The disk of the journal. */
export function diskPart({ free, noInodes }: Pick<Disk, 'free' | 'noInodes'>): Part {
  const name = 'disk';
  if (!noInodes && free >= littleRoom) return { name, level: 'ok', detail: spaceLeft(free) };
  const level = noInodes || free < leastRoom ? 'down' : 'warn';
  return { name, level, detail: noInodes ? noFilesLeft : spaceLeft(free), fix: fixSpace };
}

/** What the journal says of itself (adapters/journal/journal.ts). */
export interface JournalState {
  readonly changed: string | undefined;
  readonly failing: string | undefined;
}

/** Whether the journal takes records. Where its disk is full, the disk is what somebody has to look at, and comes first. */
export function journalPart({ changed, failing }: JournalState, disk: Part): Part {
  const name = 'journal';
  if (changed !== undefined) return { name, level: 'down', detail: 'JOURNAL_CHANGED', fix: fixChanged };
  if (failing === undefined) return { name, level: 'ok', detail: journalFine };
  const isFull = failing === 'ENOSPC' && disk.level === 'down';
  const how = isFull ? ({ level: 'warn', fix: seeDisk } as const) : ({ level: 'down', fix: fixUnwritten } as const);
  return { name, detail: 'JOURNAL_DOWN', why: journalUnwritten(failing), ...how };
}

/** What is known of a recording that is written now. */
export interface GrowingRecording {
  readonly connection: string;
  readonly bytes: number;
}

/** As the person is warned (gate/recording.ts): from nine tenths of the quota on. */
const nearlyFull = 0.9;

/** The recordings: their disk, and the quota of those that are written now. @param code the refusal of whoever is not let in */
export function recordingPart(
  code: string,
  { disk, reserve, waiting }: { readonly disk: Disk; readonly reserve: number | undefined; readonly waiting: number },
  { growing, quota }: { readonly growing: readonly GrowingRecording[]; readonly quota: number },
): Part {
  const name = 'recording';
  const free = formatSize(disk.free);
  if (spaceOn(disk, reserve) !== 'enough') {
    const why = overReserve(code, free, formatSize(reserveOf(disk, reserve)));
    return { name, level: 'down', detail: code, why, fix: fixReserve };
  }
  const full = growing.find(({ bytes }) => bytes >= nearlyFull * quota);
  if (full === undefined) return { name, level: 'ok', detail: recordingsRoom(free, waiting) };
  const detail = nearQuota(full.connection, Math.floor((100 * full.bytes) / quota));
  return { name, level: 'warn', detail, fix: fixQuota };
}

/** The clocks of others minus ours, in milliseconds; undefined: not known. */
export interface Clocks {
  readonly redis: number | undefined;
  /** From a Date header, exact to the second (RFC 9110 section 6.6.1). */
  readonly provider: number | undefined;
}

/** From these on something is refused: no grant is made (CLOCK_SKEW); no ID token is accepted (adapters/oidc-token.ts). */
const refusedFrom = { redis: 5 * second, provider: 60 * second } as const;
const warnedFrom = { redis: second, provider: 5 * second } as const;

/** This host's clock beside those of Redis and the provider. */
export function clockPart(clocks: Clocks): Part {
  const name = 'clock';
  const of = (['redis', 'provider'] as const).flatMap((who) => {
    const ms = clocks[who];
    return ms === undefined ? [] : [{ who, ms, off: Math.abs(ms) }];
  });
  const refused = of.find(({ who, off }) => off > refusedFrom[who]);
  const wrong = refused ?? of.find(({ who, off }) => off > warnedFrom[who]);
  const shown = { redis: 'Redis', provider: 'the provider' } as const;
  if (wrong === undefined)
    return {
      name,
      level: of.length === 0 ? 'warn' : 'ok',
      detail: clocksAgree(of.map(({ who, off }) => clockOf(shown[who], off))),
    };
  const detail = clockOff(shown[wrong.who], wrong.ms);
  return { name, level: refused === undefined ? 'warn' : 'down', detail, fix: fixClock };
}

/** @param failing names of those that did not answer when they were asked last @param count how many there are */
export function hooksPart(failing: readonly string[], count: number): Part {
  const name = 'hooks';
  if (failing.length === 0) return { name, level: 'ok', detail: count === 0 ? noHooks : hooksAnswer(count) };
  return { name, level: 'down', detail: hooksDown(failing.length), why: hooksFail(failing.join(', ')), fix: fixHooks };
}

/** A certificate that a server showed, and its end: ms since the epoch. */
export interface Certificate {
  readonly place: string;
  readonly until: number;
}

/** How long before its end a certificate is told of. */
export const certificateWarnMs = 14 * day;

/** The certificate that ends first. @param now ms since the epoch */
export function certificatePart(seen: readonly Certificate[], now: number): Part {
  const name = 'certificate';
  const [first] = seen.toSorted((a, b) => a.until - b.until);
  if (first === undefined) return { name, level: 'ok', detail: noCertificates };
  const left = first.until - now;
  if (left >= certificateWarnMs) return { name, level: 'ok', detail: certificatesFine(first.place, left) };
  const level: Level = left <= 0 ? 'down' : 'warn';
  return { name, level, detail: certificateLeft(first.place, left), fix: fixCertificate };
}

/** @param changed the programs on disk that differ from those that run @param upMs how long the keeper runs */
export function keeperPart(changed: readonly string[], upMs: number): Part {
  const name = 'keeper';
  const up = upFor(formatDuration(upMs));
  if (changed.length === 0) return { name, level: 'ok', detail: up };
  return { name, level: 'warn', detail: `${outdated(changed.join(', '))}; ${up}`, fix: fixOutdated };
}

const fine = { sshd: sshdFine, sudo: sudoFine } as const;

/** Whether sshd or sudo grants something else than tmux-gate needs. @param found undefined: it could not be looked at */
export function driftPart(name: 'sshd' | 'sudo', found: DriftOf | undefined): Part {
  if (found === undefined) return { name, level: 'warn', detail: notLooked };
  if (found.is === 'as needed') return { name, level: 'ok', detail: fine[name] };
  const { why, fix } = found;
  if (found.is === 'unknown') return { name, level: 'warn', detail: notLooked, why: `${notLooked}: ${why}`, fix };
  return { name, level: 'down', detail: drifted, why, fix };
}
