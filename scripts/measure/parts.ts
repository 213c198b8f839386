// The parts of the benchmark, and the figures of each.
import { measureCrowded } from './crowd.ts';
import { measureFailover, type FailoverRounds } from './failover.ts';
import { measureEvidence, type EvidenceRounds } from './evidence.ts';
import { measureKills, measureRevocations, mostWindows } from './ends.ts';
import { measureMetrics } from './metrics.ts';
import { measureMemory } from './memory.ts';
import { p50, p99 } from './numbers.ts';
import { measureOnce, type OnceRounds } from './once.ts';
import { measurePeers, type PeerRounds } from './peers.ts';
import { measureReloads } from './reload.ts';
import type { Figures } from './report.ts';
import type { Setting } from './setting.ts';
import { measureBulk, measureEcho, measureVisits } from './visit.ts';

export const parts = [
  'visit',
  'echo',
  'bulk',
  'memory',
  'peers',
  'once',
  'reload',
  'revoke',
  'crowd',
  'kill',
  'failover',
  'evidence',
  'metrics',
] as const;
export type Part = (typeof parts)[number];

export interface Rounds extends EvidenceRounds, FailoverRounds, OnceRounds, PeerRounds {
  readonly connections: number;
  readonly reloads: number;
  readonly revocations: number;
  readonly kills: number;
  readonly windows: number;
}

const shortEvidence: EvidenceRounds = {
  records: 50_000,
  leaves: 1_000_000,
  printed: 50_000_000,
  hours: 100,
  recordingBytes: 64e6,
  accesses: 10_000,
};
const longEvidence: EvidenceRounds = {
  records: 300_000,
  leaves: 10_000_000,
  printed: 1_000_000_000,
  hours: 1000,
  recordingBytes: 1e9,
  accesses: 100_000,
};

export const byRounds = (quick: boolean): Rounds =>
  quick
    ? {
        ...{ visits: 10, keys: 300, pours: 1, connections: 30, reloads: 10, revocations: 5, kills: 1, windows: 6 },
        ...{ peerConnections: 5, visitsAtOnce: 40, attached: 100, failoverLive: 10, failoverRevocations: 1 },
        ...shortEvidence,
      }
    : {
        visits: 60,
        keys: 2000,
        pours: 3,
        connections: 30,
        ...{ peerConnections: 10, visitsAtOnce: 200, attached: 500, failoverLive: 50, failoverRevocations: 5 },
        reloads: 100,
        revocations: 30,
        kills: 3,
        windows: mostWindows,
        ...longEvidence,
      };

const measures: Readonly<Record<Part, (setting: Setting, rounds: Rounds) => Promise<Figures>>> = {
  visit: async ({ host, bare }, { visits }) => {
    const { ours, bares } = await measureVisits(host, bare, visits);
    return { visit_ratio: p50(ours) / p50(bares), visit_ms: p50(ours), bare_ms: p50(bares) };
  },
  echo: async ({ host, bare }, { keys }) => {
    const { ours, bares } = await measureEcho(host, bare, keys);
    return {
      echo_p50_ms: p50(ours),
      echo_p99_ms: p99(ours),
      bare_echo_p50_ms: p50(bares),
      bare_echo_p99_ms: p99(bares),
    };
  },
  bulk: async ({ host, bare }, { pours }) => {
    const { ours, bares } = await measureBulk(host, bare, pours);
    progress(`bulk: ${bares.map(Math.round).join(' ')} ms bare, ${ours.map(Math.round).join(' ')} ms through the gate`);
    return { bulk_ratio: p50(bares) / p50(ours) };
  },
  memory: async ({ host }, { connections }) => {
    const { connectionPssMb, keeperRssMb, parts: programs } = await measureMemory(host, connections);
    const each = Object.entries(programs).map(([name, mb]) => `${name} ${mb.toFixed(2)}`);
    progress(`memory: each connection adds MB: ${each.join(', ')}`);
    return { connection_pss_mb: connectionPssMb, keeper_rss_mb: keeperRssMb };
  },
  once: async ({ host }, rounds) => measureOnce(host, rounds),
  peers: async ({ host, bare }, rounds) => measurePeers(host, bare, rounds),
  reload: async ({ host }, { reloads }) => {
    const took = await measureReloads(host, reloads);
    return { reload_ms: p50(took), reload_p99_ms: p99(took) };
  },
  revoke: async ({ host }, { revocations }) => {
    const { attach, revoke, whole } = await measureRevocations(host, revocations);
    progress(`revoke: from starting the verb to the prompt ${Math.round(p50(whole))} ms`);
    return { revoke_p50_ms: p50(revoke), revoke_p99_ms: p99(revoke), approve_to_attach_ms: p50(attach) };
  },
  crowd: async ({ host }, { revocations }) => {
    const { revoke, answered } = await measureCrowded(host, revocations);
    progress(`crowd: ${answered} answers to people without rights meanwhile`);
    return { crowd_revoke_p50_ms: p50(revoke), crowd_revoke_p99_ms: p99(revoke) };
  },
  kill: async ({ host }, { kills, windows }) => {
    const { late, early } = await measureKills(host, kills, windows);
    progress(`kill: ${late.length} windows`);
    return { kill_late_p50_ms: p50(late), kill_late_p99_ms: p99(late), kill_early: early };
  },
  failover: async (_, rounds) => measureFailover(rounds),
  evidence: measureEvidence,
  metrics: async () => ({ metrics_series: await measureMetrics() }),
};

function progress(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

/** Measures the chosen parts, one after another, since they share the processors with what they measure. */
export async function measure(setting: Setting, chosen: readonly Part[], rounds: Rounds): Promise<Figures> {
  let figures: Figures = {};
  for (const part of chosen) {
    progress(`${part} …`);
    figures = { ...figures, ...(await measures[part](setting, rounds)) };
  }
  return figures;
}
