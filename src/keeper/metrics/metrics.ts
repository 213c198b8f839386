// The metrics of the keeper: counts what the others tell, takes its readings, and serves both as /metrics.
//
// 1. A scrape asks nobody and waits for nothing: it prints what is known (collect.ts), and the rest is read by the clock (sample.ts). Attack
//    or accident: who scrapes too often, or a Redis that hangs, takes the time that visits and ends need.
// 2. Metrics are for operators and no part of what decides: if they cannot be served, the keeper logs it and works on.
// 3. Labels and their number are bounded (core/metrics/table.ts).
import { openMeters, type Meters } from '../../adapters/metrics/meters.ts';
import { serveMetrics } from '../../adapters/metrics/server.ts';
import { readGroup } from '../../adapters/accounts.ts';
import type { Log } from '../../adapters/log.ts';
import { countsFromZero } from '../../core/metrics/journal-counts.ts';
import type { MetricsPolicy } from '../../core/policy-types.ts';
import { second } from '../../core/time.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { collect, type CollectDeps } from './collect.ts';
import { follow, type FollowDeps } from './follow.ts';
import { hearsOf, type MetricsHears } from './hears.ts';
import { sample, type IssuerHeard, type SampleDeps } from './sample.ts';

export type MetricsDeps = CollectDeps & FollowDeps & SampleDeps & { readonly log: Log };

export interface Metrics {
  /** Whom the adapters tell. */
  readonly hears: MetricsHears;
  /** Hears the services from now on. Call it once. */
  watch(deps: MetricsDeps): void;
  /** Call it with the id of each new tombstone. */
  buried(id: string): void;
  /** Takes readings and answers scrapes until the signal aborts. Never rejects (rule 2). */
  start(signal: AbortSignal): Promise<void>;
}

/** What the metrics need before anything else is there. */
export interface MetricsClocks {
  readonly now: () => number;
  readonly monotonicNow: () => number;
}

/** @throws Error when the library cannot be loaded */
export async function openMetrics(policy: MetricsPolicy, { now, monotonicNow }: MetricsClocks): Promise<Metrics> {
  const meters = await openMeters();
  setConstants(meters);
  const issuer: IssuerHeard = { at: -Infinity, answered: false };
  const base = hearsOf(meters, now);
  const hears: MetricsHears = {
    ...base,
    issuer: (answered) => {
      Object.assign(issuer, { at: monotonicNow(), answered });
      base.issuer(answered);
    },
  };
  let watched: MetricsDeps | undefined;
  let buried: (id: string) => void = () => undefined;
  return {
    hears,
    watch: (deps) => {
      watched = deps;
      buried = follow(deps, meters);
      meters.set('tmux_gate_journal_up', {}, deps.journal.changed === undefined ? 1 : 0);
    },
    buried: (id) => buried(id),
    start: async (signal) => {
      if (watched === undefined) return;
      sample(watched, meters, { hears, issuer }, signal);
      await serve(watched, policy, meters, signal).catch((error: unknown) =>
        watched?.log.error('metrics-not-served', { error }),
      );
    },
  };
}

function setConstants(meters: Meters): void {
  const { version } = manifest;
  meters.set('tmux_gate_build_info', { version, node: process.versions.node }, 1);
  meters.set('process_start_time_seconds', {}, performance.timeOrigin / second);
  meters.set('tmux_gate_redis_up', {}, 0);
  for (const count of countsFromZero) meters.count(count, 0);
}

async function serve(
  deps: MetricsDeps,
  { listen, group }: MetricsPolicy,
  meters: Meters,
  signal: AbortSignal,
): Promise<void> {
  const found = 'path' in listen ? await readGroup(group) : undefined;
  if ('path' in listen && found === undefined) deps.log.warn('metrics-for-root-alone', { group });
  const text = async (): Promise<string> => {
    collect(deps, meters);
    return meters.text();
  };
  await serveMetrics({ listen, gid: found?.gid, contentType: meters.contentType, text }, signal);
}
