// Prints the figures of the benchmark, each beside its target.
import { rounded } from './numbers.ts';

export type Figures = Readonly<Record<string, number>>;

interface Target {
  readonly text: string;
  readonly met: (figures: Figures) => boolean;
}

const atMost = (key: string, limit: number): Target => ({
  text: `<= ${limit}`,
  met: (figures) => (figures[key] ?? Infinity) <= limit,
});

const atLeast = (key: string, limit: number): Target => ({
  text: `>= ${limit}`,
  met: (figures) => (figures[key] ?? 0) >= limit,
});

const echoOverBareMs = 2;

const targets: Readonly<Record<string, Target>> = {
  visit_ratio: atMost('visit_ratio', 1.4),
  kill_late_p99_ms: atMost('kill_late_p99_ms', 100),
  kill_early: atMost('kill_early', 0),
  revoke_p99_ms: atMost('revoke_p99_ms', 150),
  crowd_revoke_p99_ms: atMost('crowd_revoke_p99_ms', 150),
  approve_to_attach_ms: atMost('approve_to_attach_ms', 250),
  echo_p99_ms: {
    text: `<= bare + ${echoOverBareMs}`,
    met: (figures) => (figures['echo_p99_ms'] ?? Infinity) <= (figures['bare_echo_p99_ms'] ?? 0) + echoOverBareMs,
  },
  bulk_ratio: atLeast('bulk_ratio', 0.8),
  connection_pss_mb: atMost('connection_pss_mb', 14),
  keeper_rss_mb: atMost('keeper_rss_mb', 120),
  verify_records_per_s: atLeast('verify_records_per_s', 200_000),
  proof_bytes: atMost('proof_bytes', 2000),
  proof_ms: atMost('proof_ms', 10),
  recording_echo_p99_delta_ms: atMost('recording_echo_p99_delta_ms', 1),
  recording_keeper_growth_mb: atMost('recording_keeper_growth_mb', 5),
  recording_gate_growth_mb: atMost('recording_gate_growth_mb', 5),
  recording_behind_mb: atMost('recording_behind_mb', 32),
  index_mb_per_s: atLeast('index_mb_per_s', 4),
  index_times_real: atLeast('index_times_real', 300),
  index_share: atMost('index_share', 0.25),
  find_ms: atMost('find_ms', 1000),
  replay_seek_ms: atMost('replay_seek_ms', 200),
  evidence_ms: atMost('evidence_ms', 2000),
  evidence_verify_ms: atMost('evidence_verify_ms', 10_000),
  population_s: atMost('population_s', 60),
  population_verify_s: atMost('population_verify_s', 300),
  visits_at_once_share: atLeast('visits_at_once_share', 1),
  attached_share: atLeast('attached_share', 1),
  failover_lost: atMost('failover_lost', 0),
  failover_opened: atMost('failover_opened', 0),
  failover_revoke_s: atMost('failover_revoke_s', 5),
  fleet_redis_mb: atMost('fleet_redis_mb', 100),
  fleet_revoke_p99_ms: atMost('fleet_revoke_p99_ms', 500),
  storm_s: atMost('storm_s', 30),
  storm_ended: atMost('storm_ended', 0),
  metrics_series: atMost('metrics_series', 200),
};

export const missed = (figures: Figures): string[] =>
  Object.keys(figures).filter((key) => targets[key]?.met(figures) === false);

export function table(figures: Figures): string {
  const rows = Object.entries(figures).map(([key, value]) => {
    const target = targets[key];
    const verdict = target === undefined ? '' : target.met(figures) ? 'met' : 'MISSED';
    return [key, String(rounded(value)), target?.text ?? '', verdict] as const;
  });
  const head = ['', 'measured', 'target', ''] as const;
  return [head, ...rows]
    .map(([key, value, target, verdict]) =>
      `${key.padEnd(28)}${value.padStart(10)}   ${target.padEnd(12)}${verdict}`.trimEnd(),
    )
    .join('\n');
}

export const json = (figures: Figures): string =>
  JSON.stringify(Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, rounded(value)])), null, 2);
