// What the keeper journals of recordings: over real files, with a journal and connections in memory.
import { afterEach, describe, expect, test } from '@jest/globals';
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { verifyRecording, type RecordingRecords } from '../../src/adapters/recordings/verify.ts';
import { isSame, startTimeOf } from '../../src/adapters/processes.ts';
import type { Connections } from '../../src/keeper/connections/connections.ts';
import { openRecordings, type Recordings } from '../../src/keeper/recordings/recordings.ts';
import { checkSpace } from '../../src/keeper/recordings/free-space.ts';
import { openUnsealed, type Unsealed } from '../../src/keeper/state/unsealed.ts';
import { temporary, type Folder } from '../unit/gate/folder.ts';
import { connect } from '../unit/keeper/connected.ts';
import { alice, codeOf, configOf, eventually, openWorld, type World } from '../unit/keeper/world.ts';

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

interface Scene {
  readonly world: World;
  readonly root: Folder;
  readonly file: string;
  /** Starts a keeper over the journal, the state and the connections of the world. */
  keeper(): Promise<Recordings>;
  /** Lets this time pass for the keepers: milliseconds. */
  pass(ms: number): void;
  /** Stops the one that was started last, as kill -9 does. */
  kill(): void;
}

function scene(config = configOf()): Scene {
  const root = temporary();
  const world = openWorld({ root: root.path, config });
  const { layout } = world.deps;
  for (const folder of [layout.unsealed, layout.recordings]) mkdirSync(folder, { recursive: true });
  let stop = new AbortController();
  let passed = 0;
  const kill = (): void => stop.abort();
  cleanups.push(
    kill,
    () => world.close(),
    () => root[Symbol.dispose](),
  );
  return {
    pass: (ms) => void (passed += ms),
    ...{ world, root, kill, file: `${layout.recordings}/C1.cast` },
    keeper: async () => {
      const { signal } = (stop = new AbortController());
      const { connections, log } = world.deps;
      const onGone: Connections['onGone'] = (hear) =>
        connections.onGone((connection) => (signal.aborted ? undefined : hear(connection)));
      const deps = {
        ...world.deps,
        now: () => world.deps.now() + passed,
        connections: { ...connections, onGone },
        unsealed: openUnsealed(layout.unsealed, log),
      };
      const recordings = openRecordings(deps);
      await recordings.start(signal);
      return recordings;
    },
  };
}

const line = (bytes: number): string => `${'x'.repeat(bytes - 1)}\n`;
const linesOf = ({ world }: Scene, event: string) => world.journal.lines.filter((one) => one['event'] === event);

/** What the journal has of the recording. */
function recordsOf(one: Scene): RecordingRecords {
  const [closed] = linesOf(one, 'recording-closed') as unknown as readonly RecordingRecords['closed'][];
  return { ranges: linesOf(one, 'recording-range') as unknown as RecordingRecords['ranges'], closed };
}

/** Alice is let in, and her gate writes. */
async function letIn(one: Scene, recordings: Recordings, gate?: { pid: number; startTime: number }) {
  const made = connect(one.world, alice, { recording: one.file, ...(gate === undefined ? {} : { gate }) });
  await recordings.begin(made.connection.state);
  await one.world.journal.write('connected', { connection: 'C1' } as never);
  writeFileSync(one.file, line(100));
  return made.connection;
}

const left = { why: 'the person left', lines: [], exit: 0 };
const isClosed = (one: Scene) => () => linesOf(one, 'recording-closed').length > 0;

describe('law 7: a recording', () => {
  test('has all its bytes in the journal when its connection is over, and is handed over once', async () => {
    const one = scene();
    const recordings = await one.keeper();
    const connection = await letIn(one, recordings);
    const sealed: Unsealed[] = [];
    recordings.sealWith(async (recording) => Promise.resolve(void sealed.push(recording)));
    appendFileSync(one.file, line(1000).repeat(2500));
    await eventually(() => linesOf(one, 'recording-range').length === 2);
    await one.world.deps.connections.end(connection, left);
    await eventually(isClosed(one));
    expect(linesOf(one, 'recording-closed')).toMatchObject([
      { connection: 'C1', session: 'prod-db', login: 'alice', ranges: 3, bytes: 2_500_100 },
    ]);
    expect(linesOf(one, 'recording-closed')[0]).not.toHaveProperty('why');
    expect(await verifyRecording(one.file.slice(0, -5), recordsOf(one))).toMatchObject({
      faults: [],
      bytes: 2_500_100,
    });
    await eventually(() => sealed.length > 0);
    await eventually(() => recordings.waiting() === 0);
    expect(sealed).toMatchObject([{ connection: 'C1', file: one.file, closed: true }]);
  });

  test('that its gate never made is closed without a range; one of a visit that was refused is forgotten', async () => {
    const one = scene();
    const recordings = await one.keeper();
    const connection = await letIn(one, recordings);
    rmSync(one.file);
    await one.world.deps.connections.end(connection, left);
    await eventually(isClosed(one));
    expect(linesOf(one, 'recording-closed')).toMatchObject([{ ranges: 0, bytes: 0, why: 'its gate made no file' }]);
    const refused = connect(one.world, alice, { id: 'C2', begun: false, recording: `${one.file}2` });
    await recordings.begin(refused.connection.state);
    await one.world.deps.connections.end(refused.connection, left);
    await eventually(() => recordings.waiting() === 1);
    expect(linesOf(one, 'recording-closed')).toHaveLength(1);
  });

  test('of a journal that is full gets its ranges later, the same ones', async () => {
    const one = scene();
    const recordings = await one.keeper();
    const connection = await letIn(one, recordings);
    one.world.journal.full = true;
    await one.world.deps.connections.end(connection, left);
    await eventually(() => one.world.deps.log.said.some(({ event }) => event === 'recording-not-journaled'));
    one.world.journal.full = false;
    await eventually(isClosed(one));
    expect(await verifyRecording(one.file.slice(0, -5), recordsOf(one))).toMatchObject({ faults: [], ranges: 1 });
  });

  test('whose gate stays is closed without it, and what the gate adds is told', async () => {
    const one = scene();
    const recordings = await one.keeper();
    const startTime = (await startTimeOf(process.pid)) ?? 0;
    expect(await isSame(process.pid, startTime)).toBe(true);
    // Its end is carried out on a process that is not there; the gate that stays is this one.
    const connection = await letIn(one, recordings);
    const { unsealed } = one.world.deps.layout;
    const kept = JSON.parse(readFileSync(`${unsealed}/C1.json`, 'utf8')) as Unsealed;
    one.kill();
    writeFileSync(`${unsealed}/C1.json`, JSON.stringify({ ...kept, gate: { pid: process.pid, startTime } }));
    await one.world.deps.connections.end(connection, left);
    await one.keeper();
    one.pass(5_000);
    await eventually(isClosed(one));
    expect(linesOf(one, 'recording-closed')).toMatchObject([
      { why: 'its last 100 bytes got their digest only from a later keeper; its gate had not ended' },
    ]);
    appendFileSync(one.file, line(10));
    await eventually(() => linesOf(one, 'recording-changed').length > 0);
    expect(linesOf(one, 'recording-changed')).toMatchObject([{ what: 'longer', bytes: 100, found: 110 }]);
  });
});

describe('a keeper that starts after kill -9', () => {
  test('goes on behind the last range, and closes what ended meanwhile', async () => {
    const one = scene();
    const connection = await letIn(one, await one.keeper());
    appendFileSync(one.file, line(1000).repeat(1100));
    await eventually(() => linesOf(one, 'recording-range').length === 1);
    one.kill();
    appendFileSync(one.file, 'torn');
    await one.world.deps.connections.end(connection, left);
    await one.keeper();
    await eventually(isClosed(one));
    const late = 1_100_104 - Number(linesOf(one, 'recording-range')[0]?.['to']);
    const why = `its last ${late} bytes got their digest only from a later keeper; its last line is not whole`;
    expect(linesOf(one, 'recording-closed')).toMatchObject([{ ranges: 2, bytes: 1_100_104, why }]);
    expect(await verifyRecording(one.file.slice(0, -5), recordsOf(one))).toMatchObject({ faults: [] });
  });

  test('writes no range twice that the journal has and its state has not', async () => {
    const one = scene();
    await letIn(one, await one.keeper());
    const state = `${one.world.deps.layout.unsealed}/C1.json`;
    const before = readFileSync(state);
    appendFileSync(one.file, line(1000).repeat(1100));
    await eventually(() => linesOf(one, 'recording-range').length === 1);
    one.kill();
    writeFileSync(state, before);
    appendFileSync(one.file, line(50));
    await one.keeper();
    await eventually(() => linesOf(one, 'recording-range').length === 2);
    const { ranges } = recordsOf(one);
    expect(await verifyRecording(one.file.slice(0, -5), { ranges })).toMatchObject({ faults: [], bytes: 1_100_150 });
  });

  test('forgets a visit of which the journal has nothing, and finds what was changed below a range', async () => {
    const one = scene();
    const recordings = await one.keeper();
    await letIn(one, recordings);
    await recordings.begin({ ...connect(one.world, alice, { id: 'C9' }).connection.state, recording: `${one.file}9` });
    appendFileSync(one.file, line(1000).repeat(1100));
    await eventually(() => linesOf(one, 'recording-range').length === 1);
    one.kill();
    const bytes = readFileSync(one.file);
    bytes[5000] = 0;
    writeFileSync(one.file, bytes);
    for (const connection of one.world.deps.connections.all().filter(({ state }) => state.id === 'C9'))
      await one.world.deps.connections.end(connection, left);
    await one.keeper();
    await eventually(() => linesOf(one, 'recording-changed').length > 0);
    expect(linesOf(one, 'recording-changed')).toMatchObject([{ connection: 'C1', what: 'changed', found: 1_100_100 }]);
    expect(one.world.alarms.join()).toContain('C1 was changed from outside (changed)');
    expect(one.world.deps.connections.all().map(({ state, over }) => [state.id, over])).toEqual([['C1', undefined]]);
    expect(linesOf(one, 'recording-closed')).toEqual([]);
  });
});

test.each([
  ['cut', (file: string) => truncateSync(file, 50)],
  ['removed', (file: string) => rmSync(file)],
] as const)('law 7: nobody works on when the file of their recording was %s', async (_, change) => {
  const one = scene();
  const connection = await letIn(one, await one.keeper());
  appendFileSync(one.file, line(1000).repeat(1100));
  await eventually(() => linesOf(one, 'recording-range').length === 1);
  change(one.file);
  await eventually(() => connection.farewell !== undefined);
  expect(connection.farewell).toMatchObject({
    exit: 74,
    why: 'the file of its recording was removed, cut or replaced',
  });
  await eventually(isClosed(one));
  expect(linesOf(one, 'recording-closed')).toMatchObject([{ why: 'its file was removed, cut or replaced' }]);
  expect(one.world.alarms).toHaveLength(1);
});

test('law 12: without free space nobody is let in, and who is there is disconnected', async () => {
  const one = scene(configOf({}, { recordings: { quotaBytes: 2 ** 30, reserveBytes: 2 ** 60, encryptTo: [] } }));
  const connection = await letIn(one, await one.keeper());
  await eventually(() => connection.farewell !== undefined);
  expect(connection.farewell).toMatchObject({ exit: 69, why: 'there was too little disk space for recordings' });
  expect(await codeOf(checkSpace(one.world.deps))).toBe('RECORDINGS_FULL');
  expect(await codeOf(checkSpace(one.world.deps, true))).toBe('RECORDINGS_FULL');
  expect(await codeOf(checkSpace(scene().world.deps))).toBe('not refused');
});
