// Recordings that are over, for the tests of what becomes of them: real files in a folder for each test, with a journal in memory.
import { afterEach, beforeEach } from '@jest/globals';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { sha256 } from '../../src/adapters/sha256.ts';
import { RecordingChanged } from '../../src/adapters/recordings/growing.ts';
import { sealRecording, type SealTask } from '../../src/adapters/recordings/seal.ts';
import type { RecordingsPolicy, SessionPolicy } from '../../src/core/policy-types.ts';
import { chainAfter, noChain } from '../../src/core/recording/ranges.ts';
import { openKeeping, type Keeping } from '../../src/keeper/recordings/keeping.ts';
import type { SealAnswer } from '../../src/keeper/recordings/sealer.ts';
import { sealClosed } from '../../src/keeper/recordings/sealing.ts';
import { openHolds, type Holds } from '../../src/keeper/state/holds.ts';
import { openOutbox, type Outbox } from '../../src/keeper/state/outbox.ts';
import { openUnsealed, type Unsealed } from '../../src/keeper/state/unsealed.ts';
import { temporary, type Folder } from '../unit/gate/folder.ts';
import { configOf, openWorld, type World } from '../unit/keeper/world.ts';

export const text = '{"version":2,"width":80,"height":24}\n[1,"o","secret-of-the-customer"]\n';
export const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
export const root = { by: 'root (dave)', reason: 'LEGAL-7' };

let folder: Folder;
export let world: World;
export let holds: Holds;
export let outbox: Outbox;
/** Which files there were, each time that the texts of what is gone were taken out of the index. */
export let forgotten: (readonly string[])[];
const searchIndexing = { forget: async () => Promise.resolve(void forgotten.push(files())) };
export let clock: { now: number; monotonic: number };

beforeEach(async () => {
  folder = temporary();
  world = openWorld({ root: folder.path });
  const { layout, log } = world.deps;
  for (const one of [`${layout.recordings}/2026-11-30`, layout.unsealed, layout.outbox])
    mkdirSync(one, { recursive: true });
  clock = { now: Date.now(), monotonic: 0 };
  forgotten = [];
  holds = await openHolds(layout.holds);
  outbox = await openOutbox({ folder: layout.outbox, journal: world.journal, log, now: () => clock.now });
});
afterEach(() => {
  outbox.close();
  world.close();
  folder[Symbol.dispose]();
});

export const dayOf = (): string => `${world.deps.layout.recordings}/2026-11-30`;
export const files = (): readonly string[] => readdirSync(dayOf()).sort();
export const lines = (event: string) => world.journal.lines.filter((one) => one['event'] === event);

/** A recording that is over, as the keeper that followed it hands it over. */
export function recorded(connection = 'C1C1', of: Partial<Unsealed> = {}): Unsealed {
  const file = `${dayOf()}/${connection}.cast`;
  writeFileSync(file, text);
  return {
    ...{ connection, session: 'prod-db', login: 'alice', request: 'R1', grant: 'G1', file, journal: 0 },
    ...{ gate: { pid: 1, startTime: 1 }, cuts: [text.length], closed: true, ...of },
    chain: chainAfter(noChain, sha256(text), sha256),
  };
}

async function inPlace(task: SealTask): Promise<SealAnswer> {
  try {
    return { sealed: await sealRecording(task) };
  } catch (error) {
    if (error instanceof RecordingChanged) return { changed: { what: error.what, found: error.found } };
    throw error;
  }
}

export async function seal(recording: Unsealed, encryptTo: readonly string[] = []): Promise<void> {
  const { journal, alarms } = world.deps;
  const config = configOf({}, { recordings: { quotaBytes: 1, encryptTo } });
  await sealClosed(
    { ...world.deps, config, journal, alarms, searchIndexing, now: () => clock.now, seal: inPlace },
    recording,
  );
}

export function keeping(recordings: Partial<RecordingsPolicy> = {}, session: Partial<SessionPolicy> = {}): Keeping {
  const config = configOf(session, { recordings: { quotaBytes: 1, encryptTo: [], ...recordings } });
  return openKeeping({
    searchIndexing,
    ...{ ...world.deps, config, holds, outbox, now: () => clock.now, monotonicNow: () => clock.monotonic },
    unsealed: openUnsealed(world.deps.layout.unsealed, world.deps.log),
  });
}

export const pass = (ms: number): void => {
  clock = { now: clock.now + ms, monotonic: clock.monotonic + ms };
};

/** The clock is set, while the one that nobody can set goes on. */
export const setClock = (wall: number, monotonic: number): void => {
  clock = { now: clock.now + wall, monotonic: clock.monotonic + monotonic };
};

/** Another keeper reads what is held. */
export const reopenHolds = async (): Promise<void> => {
  holds = await openHolds(world.deps.layout.holds);
};
