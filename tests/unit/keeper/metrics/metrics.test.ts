// What the keeper's services and adapters tell the metrics, and what a scrape then says (src/keeper/metrics).
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { openMeters, type Meters } from '../../../../src/adapters/metrics/meters.ts';
import { heardJournal } from '../../../../src/adapters/journal/heard.ts';
import type { Journal } from '../../../../src/adapters/journal/journal.ts';
import type { Provider, Recheck } from '../../../../src/adapters/oidc.ts';
import { mostSeries } from '../../../../src/core/metrics/table.ts';
import { Refused } from '../../../../src/core/refusal.ts';
import { refusals, type RefusalCode } from '../../../../src/core/refusals.ts';
import { collect, type CollectDeps } from '../../../../src/keeper/metrics/collect.ts';
import { follow, type FollowDeps } from '../../../../src/keeper/metrics/follow.ts';
import { heardProvider, hearsOf } from '../../../../src/keeper/metrics/hears.ts';

let meters: Meters;
beforeEach(async () => {
  meters = await openMeters();
});

/** The value of a series; undefined when it is not there. */
async function valueOf(series: string): Promise<number | undefined> {
  const line = (await meters.text()).split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

const seriesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

/** Text that somebody chose, and that would forge a series if it were printed as it is. */
const hostile = 'x"} 1\ntmux_gate_grants 99\n{a="INC-4711 alice';

interface Played {
  readonly deps: FollowDeps;
  readonly refuse: (code: string) => void;
  readonly gone: (connection: { end: number; over: Promise<void> }) => void;
  readonly ended: (id: string, why: string) => void;
}

const now = 1_000_000;
let monotonic = 0;

function play(live: readonly string[], settled: () => Promise<void>): Played {
  const [refused, gone, ended]: ((...given: never[]) => void)[][] = [[], [], []];
  const deps = {
    connections: { onGone: (hear: never) => gone!.push(hear) },
    liveGrants: {
      onEnd: (hear: never) => ended!.push(hear),
      find: (id: string) => (live.includes(id) ? {} : undefined),
    },
    refusalLog: { onRefused: (hear: never) => refused!.push(hear) },
    endsSettled: settled,
    now: () => now,
    monotonicNow: () => monotonic,
  } as unknown as FollowDeps;
  return {
    deps,
    refuse: (code) => refused!.forEach((hear) => hear(code as never)),
    gone: (connection) => gone!.forEach((hear) => hear(connection as never)),
    ended: (id, why) => ended!.forEach((hear) => hear({ live: { grant: { id } }, why } as never)),
  };
}

const noEnds = async (): Promise<void> => Promise.resolve();

describe('refusals', () => {
  const count = async (code: string): Promise<number | undefined> =>
    valueOf(`tmux_gate_visits_total{outcome="refused",code="${code}"}`);

  test('are counted by their code; those that alerts name are there with 0', async () => {
    const { deps, refuse } = play([], noEnds);
    follow(deps, meters);
    expect(await count('REDIS_DOWN')).toBe(0);
    refuse('NO_PTY');
    refuse('NO_PTY');
    expect(await count('NO_PTY')).toBe(2);
  });

  test('every code that there is, and some that are none, make a bounded number of series', async () => {
    const { deps, refuse } = play([], noEnds);
    follow(deps, meters);
    const codes = Object.keys(refusals);
    for (const code of [...codes, hostile, ...codes.map((each) => `${each}_X`)]) refuse(code);
    refuse('PIN_MISMATCH');
    const text = await meters.text();
    expect(seriesOf(text).length).toBeLessThanOrEqual(mostSeries);
    expect(text).not.toContain('4711');
    expect(await count('other')).toBe(codes.length - 60 + 1 + codes.length);
    expect(await count('PIN_MISMATCH')).toBe(2);
  });
});

describe('ends', () => {
  test('of connections that lasted until their end are measured; one that came early is not late', async () => {
    const { deps, gone } = play([], noEnds);
    follow(deps, meters);
    gone({ end: now - 40, over: Promise.resolve() });
    gone({ end: now + 60_000, over: Promise.resolve() });
    const failed = Promise.reject(new Error('a process that the kernel cannot kill'));
    gone({ end: now - 40, over: failed });
    await Promise.allSettled([failed]);
    expect(await valueOf('tmux_gate_end_lateness_seconds_count')).toBe(1);
    expect(await valueOf('tmux_gate_end_lateness_seconds_sum')).toBe(0.04);
    expect(await valueOf('tmux_gate_end_lateness_seconds_bucket{le="0.05"}')).toBe(1);
  });

  test('by revocation are measured from the tombstone until nothing is left', async () => {
    const settled = Promise.withResolvers<undefined>();
    const { deps, ended } = play(['G1', 'G2'], async () => settled.promise);
    const buried = follow(deps, meters);
    monotonic = 5_000;
    buried('G1');
    buried('G2');
    buried('a request');
    monotonic = 5_100;
    ended('G1', 'revoked');
    ended('G2', 'withdrawn');
    ended('G3', 'revoked'); // its tombstone could not be written
    monotonic = 5_300;
    settled.resolve(undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await valueOf('tmux_gate_revocation_seconds_count')).toBe(2);
    expect(await valueOf('tmux_gate_revocation_seconds_sum')).toBeCloseTo(0.5);
  });
});

describe('the journal', () => {
  const write = jest.fn<(event: string) => Promise<void>>();
  const journal = {
    ...{ changed: undefined, failing: undefined },
    write,
    writeHead: noEnds,
    extent: noEnds,
    close: noEnds,
    records: () => [],
  } as unknown as Journal;
  const heard = (): Journal => heardJournal(journal, hearsOf(meters, () => now).journal);

  test('each record is counted once it is on disk, and by what it says', async () => {
    write.mockResolvedValue(undefined);
    await heard().write('notice-failed', { target: hostile, problem: hostile, notice: {} });
    expect(await valueOf('tmux_gate_journal_records_total')).toBe(1);
    expect(await valueOf('tmux_gate_notices_failed_total')).toBe(1);
    expect(await valueOf('tmux_gate_journal_up')).toBe(1);
    expect(await valueOf('tmux_gate_journal_written_timestamp_seconds')).toBe(1000);
    expect(await meters.text()).not.toContain('4711');
  });

  test('a record that could not be written is told to its writer, and counted', async () => {
    const down = new Refused('JOURNAL_DOWN');
    write.mockRejectedValue(down);
    await expect(heard().write('keeper-stopped', {})).rejects.toBe(down);
    expect(await valueOf('tmux_gate_journal_up')).toBe(0);
    expect(await valueOf('tmux_gate_journal_write_failures_total')).toBe(1);
    expect(await valueOf('tmux_gate_journal_records_total')).toBe(0);
  });

  test('the rest of the journal is as it was', async () => {
    expect(heard().changed).toBeUndefined();
    await expect(Promise.all([heard().writeHead(), heard().extent(), heard().close()])).resolves.toHaveLength(3);
    expect(heard().records()).toEqual([]);
  });

  test('the checkpoint has its own time', async () => {
    hearsOf(meters, () => 5_000).journal.signed();
    expect(await valueOf('tmux_gate_journal_checkpoint_timestamp_seconds')).toBe(5);
  });
});

describe('the provider', () => {
  const open = new AbortController().signal;
  const up = async (): Promise<number | undefined> => valueOf('tmux_gate_issuer_up');
  const provider = (answer: () => Promise<unknown>): Provider =>
    heardProvider(
      { begin: answer, ping: answer, recheck: answer } as unknown as Provider,
      hearsOf(meters, () => now).issuer,
    );
  const refused = (code: RefusalCode) => async () => Promise.reject(new Refused(code));

  test('is not known before somebody asked it', async () => expect(await up()).toBeUndefined());

  test.each([
    ['answers', noEnds, 1],
    ['does not answer', refused('PROVIDER_DOWN'), 0],
    ['answers that it has no device flow', refused('NO_DEVICE_FLOW'), 1],
    ['fails otherwise', async () => Promise.reject(new Error('undici')), 0],
  ])('%s', async (_, answer, expected) => {
    await provider(answer)
      .ping(open)
      .catch(() => undefined);
    expect(await up()).toBe(expected);
    await provider(answer)
      .begin(open)
      .catch(() => undefined);
    expect(await up()).toBe(expected);
    expect(await valueOf('tmux_gate_issuer_checked_timestamp_seconds')).toBe(1000);
  });

  test('a wait that was given up says nothing of it', async () => {
    await provider(async () => Promise.reject(new Error('left')))
      .begin(AbortSignal.abort())
      .catch(() => undefined);
    expect(await up()).toBeUndefined();
  });

  test.each<readonly [Recheck['state'], number]>([
    ['alive', 1],
    ['gone', 1],
    ['refused', 1],
    ['unknown', 0],
  ])('a re-check that says "%s"', async (state, expected) => {
    await provider(async () => Promise.resolve({ state })).recheck('token', open);
    expect(await up()).toBe(expected);
  });
});

describe('a scrape', () => {
  const facts = (change: object = {}): CollectDeps =>
    ({
      config: { sessions: { 'prod-db': {}, 'prod-web': {} } },
      connections: { all: () => [] },
      eventLoop: { longest: () => 12 },
      journal: { changed: undefined, failing: undefined },
      liveGrants: { all: () => [{}, {}] },
      locks: { all: () => [] },
      outgoing: { certificates: () => [] },
      recordings: { waiting: () => 1 },
      sessions: { all: () => [{}] },
      witnessing: { report: () => ({ witnesses: [] }) },
      now: () => now,
      ...change,
    }) as unknown as CollectDeps;
  const attached = (session: string, end = now + 1000): object => ({
    state: { session, who: { login: hostile } },
    end,
  });

  test('says how things are', async () => {
    const locks = [
      { locked: true, target: '*' },
      { locked: true, target: hostile },
      { locked: false, target: 'bob' },
    ];
    const all = [attached('prod-db'), attached('prod-db', now - 1), attached(hostile)];
    collect(facts({ connections: { all: () => all }, locks: { all: () => locks } }), meters);
    const expected = {
      tmux_gate_grants: 2,
      tmux_gate_sessions: 1,
      tmux_gate_recordings_waiting: 1,
      tmux_gate_loop_turn_seconds: 0.012,
      tmux_gate_connections_overdue: 1,
      'tmux_gate_connections{session="prod-db"}': 2,
      'tmux_gate_connections{session="prod-web"}': 0,
      'tmux_gate_connections{session="other"}': 1,
      'tmux_gate_locks{target="everyone"}': 1,
      'tmux_gate_locks{target="login"}': 1,
    };
    for (const [series, value] of Object.entries(expected))
      expect([series, await valueOf(series)]).toEqual([series, value]);
    expect(await meters.text()).not.toContain('4711');
    collect(facts(), meters);
    expect(await valueOf('tmux_gate_connections{session="other"}')).toBeUndefined();
    expect(await valueOf('tmux_gate_connections{session="prod-db"}')).toBe(0);
  });

  test('of the certificates, the one that ends first counts; without any there is no series', async () => {
    const end = 'tmux_gate_certificate_expiry_timestamp_seconds';
    collect(facts(), meters);
    expect(await valueOf(end)).toBeUndefined();
    const seen = [9_000, 7_000, 8_000].map((until) => ({ place: hostile, until }));
    collect(facts({ outgoing: { certificates: () => seen } }), meters);
    expect(await valueOf(end)).toBe(7);
    expect(await meters.text()).not.toContain('4711');
  });

  test('a journal that was changed is down, whatever was written last', async () => {
    meters.set('tmux_gate_journal_up', {}, 1);
    collect(facts({ journal: { changed: 'cut' } }), meters);
    expect(await valueOf('tmux_gate_journal_up')).toBe(0);
  });

  test('a thousand sessions and witnesses, some of odd names, are folded', async () => {
    const names = Array.from({ length: 1000 }, (_, n) => `s${n}`);
    const sessions = Object.fromEntries(names.map((name) => [name, {}]));
    const witnesses = [hostile, ...names].map((name, n) => ({ name, lagMs: n * 1000 }));
    const report = { witnesses };
    collect(
      facts({
        config: { sessions },
        connections: { all: () => names.map((name) => attached(name)) },
        witnessing: { report: () => report },
      }),
      meters,
    );
    const text = await meters.text();
    expect(seriesOf(text).filter((line) => line.startsWith('tmux_gate_connections{'))).toHaveLength(33);
    expect(await valueOf('tmux_gate_connections{session="other"}')).toBe(968);
    expect(seriesOf(text).filter((line) => line.startsWith('tmux_gate_witness_lag'))).toHaveLength(11);
    expect(await valueOf('tmux_gate_witness_lag_seconds{witness="other"}')).toBe(1000);
    expect(text).not.toContain('4711');
  });
});
