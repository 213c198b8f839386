// The readings that the keeper takes by the clock for its metrics (src/keeper/metrics/sample.ts).
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMeters, type Meters } from '../../../../src/adapters/metrics/meters.ts';
import { hearsOf } from '../../../../src/keeper/metrics/hears.ts';
import { sample, type IssuerHeard, type SampleDeps } from '../../../../src/keeper/metrics/sample.ts';
import { layoutAt } from '../../../../src/wire/layout.ts';

let meters: Meters;
let folder: string;
let stop: AbortController;
let issuer: IssuerHeard;
const [ping, skew] = [jest.fn<() => Promise<void>>(), jest.fn<() => Promise<number>>()];
/** New for each test: a reading that is under way when a test ends may fail later. */
let warn: jest.Mock;
let monotonic = 0;

beforeEach(async () => {
  meters = await openMeters();
  folder = mkdtempSync(join(tmpdir(), 'tmux-gate-sample-'));
  [stop, issuer, monotonic] = [new AbortController(), { at: -Infinity, answered: false }, 0];
  for (const mock of [ping, skew]) mock.mockReset();
  warn = jest.fn();
  ping.mockResolvedValue(undefined);
  skew.mockResolvedValue(120);
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'performance', 'nextTick'] });
});
afterEach(() => {
  stop.abort();
  jest.useRealTimers();
  rmSync(folder, { recursive: true });
});

function begin(journal = folder): void {
  const layout = { ...layoutAt(''), journal, recordings: folder };
  const now = (): number => 5_000_000;
  const deps = {
    ...{
      config: { recordings: {}, redis: { kind: 'embedded' } },
      layout,
      log: { warn },
      provider: { ping },
      store: { skew },
    },
    ...{ now, monotonicNow: () => monotonic },
  } as unknown as SampleDeps;
  sample(deps, meters, { hears: hearsOf(meters, now), issuer }, stop.signal);
}

async function valueOf(name: string): Promise<number | undefined> {
  const line = (await meters.text()).split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.split(' ')[1]);
}

/** Lets what was begun go on until it is there. */
async function until(look: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await look())) await new Promise((resolve) => setImmediate(resolve));
}

test('disks, process, Redis and provider are read at once', async () => {
  begin();
  await until(async () => (await valueOf('process_open_fds')) !== undefined);
  await until(async () => (await valueOf('tmux_gate_disks_read_timestamp_seconds')) === 5000);
  expect(await valueOf('tmux_gate_recordings_free_bytes')).toBeGreaterThan(0);
  expect(await valueOf('tmux_gate_recordings_reserve_bytes')).toBeGreaterThan(0);
  expect(await valueOf('tmux_gate_journal_free_bytes')).toBeGreaterThan(0);
  expect(await valueOf('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(await valueOf('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(await valueOf('tmux_gate_clock_skew_seconds')).toBe(0.12);
  expect(await valueOf('tmux_gate_redis_up')).toBe(1);
  expect(ping).toHaveBeenCalledTimes(1);
});

test('the provider is asked only when nobody has asked it for a while, or it is down', async () => {
  issuer = { at: 0, answered: true };
  begin();
  monotonic = 299_000;
  await jest.advanceTimersByTimeAsync(60_000);
  expect(ping).toHaveBeenCalledTimes(0);
  monotonic = 300_000;
  await jest.advanceTimersByTimeAsync(60_000);
  expect(ping).toHaveBeenCalledTimes(1);
  Object.assign(issuer, { at: monotonic, answered: false });
  ping.mockRejectedValue(new Error('down'));
  await jest.advanceTimersByTimeAsync(60_000);
  expect(ping).toHaveBeenCalledTimes(2);
});

test('a Redis that does not answer is told, and one that hangs is not asked a second time', async () => {
  skew.mockRejectedValueOnce(new Error('REDIS_DOWN'));
  begin();
  await until(async () => (await valueOf('tmux_gate_redis_up')) === 0);
  skew.mockReturnValue(new Promise(() => undefined));
  await jest.advanceTimersByTimeAsync(60_000);
  await jest.advanceTimersByTimeAsync(600_000);
  expect(skew).toHaveBeenCalledTimes(2);
});

test('a disk that cannot be read is logged once, and is not in the text', async () => {
  begin(join(folder, 'gone'));
  await until(() => warn.mock.calls.length > 0);
  await jest.advanceTimersByTimeAsync(15_000);
  await until(async () => (await valueOf('process_open_fds')) !== undefined);
  expect(warn.mock.calls).toEqual([['metrics-not-read', { what: 'disks', error: expect.anything() }]]);
  expect(await valueOf('tmux_gate_disks_read_timestamp_seconds')).toBeUndefined();
});

test('after the stop nothing is read', async () => {
  stop.abort();
  begin();
  await jest.advanceTimersByTimeAsync(600_000);
  expect([ping.mock.calls, skew.mock.calls]).toEqual([[], []]);
});
