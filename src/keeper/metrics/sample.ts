// Readings that take time: disks, Redis, the provider, the process. They are taken by the clock and not by scrapes, so that whoever scrapes
// neither waits for them nor causes them. Each has a turn of its own: a disk that hangs does not stop the others.
import { readdir, statfs } from 'node:fs/promises';
import type { Meters } from '../../adapters/metrics/meters.ts';
import type { Log } from '../../adapters/log.ts';
import type { Provider } from '../../adapters/oidc.ts';
import type { Outgoing } from '../../adapters/outgoing.ts';
import { lookAtRedisCertificate } from '../../adapters/redis/certificate.ts';
import type { Store } from '../../adapters/redis/store.ts';
import type { Config } from '../../core/policy-types.ts';
import { defaultReserve } from '../../core/recording/reserve.ts';
import { hour, minute, second } from '../../core/time.ts';
import { recordingsDisk } from '../recordings/free-space.ts';
import type { Layout } from '../../wire/layout.ts';
import type { MetricsHears } from './hears.ts';

export interface SampleDeps {
  readonly config: Pick<Config, 'recordings' | 'redis'>;
  readonly layout: Layout;
  readonly log: Pick<Log, 'warn'>;
  readonly outgoing: Pick<Outgoing, 'note'>;
  readonly provider: Pick<Provider, 'ping'>;
  readonly store: Pick<Store, 'skew'>;
  /** Instant, ms. */
  readonly now: () => number;
  /** Milliseconds of a clock that nobody can set. */
  readonly monotonicNow: () => number;
}

const diskEveryMs = 15 * second;
const askEveryMs = minute;
const certificateEveryMs = hour;
/** The provider is asked when nobody has asked it for so long; one that is down, every minute. */
const issuerOldMs = 5 * minute;
const issuerMs = 10 * second;
const certificateMs = 10 * second;

/** What was heard of the provider last. */
export interface IssuerHeard {
  /** On the clock that nobody can set: ms; -Infinity for never. */
  at: number;
  answered: boolean;
}

/** Who hears of Redis and the provider, and what was heard. */
export interface Heard {
  readonly hears: MetricsHears;
  readonly issuer: IssuerHeard;
}

/** Takes readings until the signal aborts, the first ones at once. */
export function sample(deps: SampleDeps, meters: Meters, heard: Heard, signal: AbortSignal): void {
  const { log } = deps;
  every(
    diskEveryMs,
    once(log, 'disks', async () => readDisks(deps, meters)),
    signal,
  );
  every(diskEveryMs, once(log, 'process', processReader(meters)), signal);
  every(askEveryMs, async () => askRedis(deps, meters, heard.hears), signal);
  every(certificateEveryMs, async () => lookAtCertificate(deps, signal), signal);
  every(askEveryMs, async () => askIssuer(deps, heard.issuer, signal), signal);
}

/** A turn that still runs is not begun again. */
function every(ms: number, turn: () => Promise<void>, signal: AbortSignal): void {
  let isBusy = false;
  const take = (): void => {
    if (isBusy) return;
    isBusy = true;
    void turn().finally(() => (isBusy = false));
  };
  const timer = setInterval(take, ms).unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  if (signal.aborted) clearInterval(timer);
  else take();
}

/** Logs a failure once, until the reading succeeds again. */
function once(log: SampleDeps['log'], what: string, turn: () => Promise<void>): () => Promise<void> {
  let isTold = false;
  return async () => {
    try {
      await turn();
      isTold = false;
    } catch (error) {
      if (!isTold) log.warn('metrics-not-read', { what, error });
      isTold = true;
    }
  };
}

async function readDisks({ config, layout, now }: SampleDeps, meters: Meters): Promise<void> {
  const [recordings, journal] = await Promise.all([recordingsDisk({ layout }), statfs(layout.journal)]);
  const { reserveBytes = defaultReserve(recordings.size) } = config.recordings;
  meters.set('tmux_gate_recordings_free_bytes', {}, recordings.free);
  meters.set('tmux_gate_recordings_reserve_bytes', {}, reserveBytes);
  meters.set('tmux_gate_journal_free_bytes', {}, journal.bavail * journal.bsize);
  meters.set('tmux_gate_disks_read_timestamp_seconds', {}, now() / second);
}

/** @returns the turn that reads the process itself */
function processReader(meters: Meters): () => Promise<void> {
  let seconds = 0;
  return async () => {
    const { user, system } = process.cpuUsage();
    const now = (user + system) / 1e6;
    meters.count({ metric: 'process_cpu_seconds_total', labels: {} }, Math.max(0, now - seconds));
    seconds = now;
    const { rss, heapUsed } = process.memoryUsage();
    meters.set('process_resident_memory_bytes', {}, rss);
    meters.set('nodejs_heap_used_bytes', {}, heapUsed);
    meters.set('process_open_fds', {}, (await readdir('/proc/self/fd')).length);
  };
}

async function askRedis({ store }: SampleDeps, meters: Meters, { redis }: MetricsHears): Promise<void> {
  try {
    meters.set('tmux_gate_clock_skew_seconds', {}, (await store.skew()) / second);
    redis(true);
  } catch {
    redis(false);
  }
}

/** The answer is heard where everybody's is (hears.ts, `heardProvider`). */
async function askIssuer(
  { provider, monotonicNow }: SampleDeps,
  heard: IssuerHeard,
  signal: AbortSignal,
): Promise<void> {
  if (heard.answered && monotonicNow() - heard.at < issuerOldMs) return;
  await provider.ping(AbortSignal.any([signal, AbortSignal.timeout(issuerMs)])).catch(() => undefined);
}

/** Certificates of servers that are reached by HTTPS are seen anyway (adapters/outgoing.ts). */
async function lookAtCertificate({ config: { redis }, outgoing }: SampleDeps, signal: AbortSignal): Promise<void> {
  if (redis.kind !== 'url') return;
  await lookAtRedisCertificate(redis, outgoing.note, AbortSignal.any([signal, AbortSignal.timeout(certificateMs)]));
}
