// The alert rules (deploy/prometheus/alerts.yaml), tried by Prometheus' own engine (`promtool test rules`): each must fire, and stay silent.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { repo } from '../../scripts/sandbox/layout.ts';
import { promTool } from '../harness/prometheus.ts';

const rulesFile = join(repo, 'deploy/prometheus/alerts.yaml');

interface Rule {
  readonly alert: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const { groups } = parse(readFileSync(rulesFile, 'utf8')) as { groups: readonly { readonly rules: readonly Rule[] }[] };
const alerts = groups.flatMap(({ rules }) => rules);

/** Series to their values, a minute each: `1x9` is ten times 1, `0x9 1x9` ten times 0 and then 1. */
type Input = Readonly<Record<string, string>>;

interface Case {
  readonly fires: readonly Input[];
  readonly silent: readonly Input[];
}

const gauge = (name: string, good: string, bad: string, more: Partial<Case> = {}): Case => ({
  fires: [{ [name]: `${good}x9 ${bad}x20` }, ...(more.fires ?? [])],
  silent: [{ [name]: `${good}x30` }, { [name]: `${bad}x9 ${good}x20` }, ...(more.silent ?? [])],
});

/** Of a counter that alerts when it grows. */
const grows = (name: string, by = 1): Case => ({
  fires: [{ [name]: `0x20 ${by}x9` }],
  // It grew long ago; the keeper was restarted; it is there for the first time.
  silent: [{ [name]: '0x30' }, { [name]: `0x2 ${by}x27` }, { [name]: `${by}x20 0x9` }],
});

const buckets = (name: string, le: string, all: string, within: string): Input => ({
  [`${name}_count`]: all,
  [`${name}_bucket{le="${le}"}`]: within,
  [`${name}_bucket{le="+Inf"}`]: all,
});

const late = (name: string, le: string): Case => ({
  fires: [buckets(name, le, '0x20 1x9', '0x29'), buckets(name, le, '0x20 50x9', '0x20 49x9')],
  silent: [
    buckets(name, le, '0x20 1x9', '0x20 1x9'),
    buckets(name, le, '0x2 1x27', '0x29'),
    buckets(name, le, '0x29', '0x29'),
  ],
});

const refused = (code: string): string => `tmux_gate_visits_total{outcome="refused",code="${code}"}`;
const [free, reserve] = ['tmux_gate_recordings_free_bytes', 'tmux_gate_recordings_reserve_bytes'];
const [written, signed] = [
  'tmux_gate_journal_written_timestamp_seconds',
  'tmux_gate_journal_checkpoint_timestamp_seconds',
];
const textfile = 'node_textfile_mtime_seconds{file="/var/lib/node_exporter/tmux-gate.prom"}';

/** Time begins at 0 and ends at 30 minutes. */
const cases: Readonly<Record<string, Case>> = {
  TmuxGateKeeperDown: gauge('up{job="tmux-gate"}', '1', '0', {
    fires: [{ [textfile]: '0+60x9 600x20' }],
    silent: [{ 'up{job="another"}': '0x30' }, { [textfile]: '0+60x30' }, { 'up{job="tmux-gate"}': '1x29 0x1' }],
  }),
  TmuxGateStoreDown: gauge('tmux_gate_redis_up', '1', '0', { silent: [{ tmux_gate_redis_up: '1x29 0x1' }] }),
  TmuxGateIssuerDown: gauge('tmux_gate_issuer_up', '1', '0', { silent: [{ tmux_gate_issuer_up: '1x26 0x4' }] }),
  TmuxGateClockWrong: gauge('tmux_gate_clock_skew_seconds', '0.1', '-3', {
    fires: [{ tmux_gate_clock_skew_seconds: '3x30' }],
  }),
  TmuxGateCertificateSoon: gauge('tmux_gate_certificate_expiry_timestamp_seconds', '1300000', '1000000'),
  TmuxGateNoticesFailing: grows('tmux_gate_notices_failed_total'),
  TmuxGateGuardFailed: {
    fires: [grows(refused('RECORDINGS_FULL')).fires[0]!, grows(refused('JOURNAL_DOWN')).fires[0]!],
    silent: [...grows(refused('DISK_DOWN')).silent, grows(refused('NOT_ALLOWED')).fires[0]!],
  },
  TmuxGateReadingsOld: {
    fires: [{ tmux_gate_disks_read_timestamp_seconds: '0+60x9 540x20' }],
    silent: [{ tmux_gate_disks_read_timestamp_seconds: '0+60x30' }],
  },
  TmuxGateJournalNotWritten: gauge('tmux_gate_journal_up', '1', '0'),
  TmuxGateCheckpointOld: {
    fires: [{ [written]: '0+60x9 600x20', [signed]: '0+60x9 540x20' }],
    silent: [
      { [written]: '0+60x30', [signed]: '0+60x30' },
      { [written]: '60x30', [signed]: '60x30' }, // a quiet journal is no fault
      { [written]: '60x28 120x2', [signed]: '60x29 120x1' }, // seen between the record and its checkpoint
    ],
  },
  TmuxGateWitnessBehind: {
    fires: [{ 'tmux_gate_witness_lag_seconds{witness="tmux-gate/prod-web"}': '0x9 0+60x20' }],
    silent: [{ 'tmux_gate_witness_lag_seconds{witness="tmux-gate/prod-web"}': '0+60x9 0x20' }],
  },
  TmuxGateJournalContradicted: grows('tmux_gate_journal_contradictions_total'),
  TmuxGateRecordingsDiskLow: {
    fires: [{ [free]: '1000x9 199x20', [reserve]: '100x30' }],
    silent: [
      { [free]: '201x30', [reserve]: '100x30' },
      { [free]: '1000x27 199x3', [reserve]: '100x30' },
      { [free]: '0x30' },
    ],
  },
  TmuxGateRecordingsDiskFull: {
    fires: [{ [free]: '1000x9 99x20', [reserve]: '100x30' }],
    silent: [{ [free]: '101x30', [reserve]: '100x30' }],
  },
  TmuxGateJournalDiskLow: gauge('tmux_gate_journal_free_bytes', '300000000', '1000'),
  TmuxGateEndLate: late('tmux_gate_end_lateness_seconds', '2.5'),
  TmuxGateConnectionOverdue: gauge('tmux_gate_connections_overdue', '0', '1', {
    silent: [{ tmux_gate_connections_overdue: '0x29 1x1' }],
  }),
  TmuxGateEndFailed: grows('tmux_gate_ends_failed_total'),
  TmuxGateRevocationSlow: late('tmux_gate_revocation_seconds', '5'),
  TmuxGateBreakGlassUsed: {
    ...grows('tmux_gate_break_glass_total{code="used"}'),
    silent: [
      ...grows('tmux_gate_break_glass_total{code="used"}').silent,
      grows('tmux_gate_break_glass_total{code="wrong"}').fires[0]!,
    ],
  },
  TmuxGateBreakGlassWrong: {
    fires: grows('tmux_gate_break_glass_total{code="wrong"}', 5).fires,
    silent: [
      ...grows('tmux_gate_break_glass_total{code="wrong"}', 5).silent,
      grows('tmux_gate_break_glass_total{code="wrong"}').fires[0]!,
    ],
  },
  TmuxGateEveryoneLocked: {
    ...gauge('tmux_gate_locks{target="everyone"}', '0', '1'),
    silent: [
      ...gauge('tmux_gate_locks{target="everyone"}', '0', '1').silent,
      { 'tmux_gate_locks{target="login"}': '3x30' },
    ],
  },
  TmuxGateForged: {
    fires: [grows(refused('PIN_MISMATCH')).fires[0]!, grows(refused('TOKEN_REFUSED')).fires[0]!],
    silent: [...grows(refused('REQUEST_FORGED')).silent, grows(refused('NO_PTY')).fires[0]!],
  },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tmux-gate-alerts-'));
  copyFileSync(rulesFile, join(folder, 'alerts.yaml'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** One case: what is given to one instance, and whether the alert fires for it at the end. */
interface Tried {
  readonly alert: string;
  readonly input: Input;
  readonly fires: boolean;
}

const labelled = (series: string, instance: string): string =>
  series.endsWith('}') ? `${series.slice(0, -1)},instance="${instance}"}` : `${series}{instance="${instance}"}`;

/** All cases in one test of promtool, since each test takes it a database: each case is an instance of its own. */
function testOf(tries: readonly Tried[]): object {
  const named = tries.map((one, n) => ({ ...one, instance: `${String(n)} ${one.fires ? 'fires' : 'is silent'}` }));
  return {
    interval: '1m',
    input_series: named.flatMap(({ input, instance }) =>
      Object.entries(input).map(([series, values]) => ({ series: labelled(series, instance), values })),
    ),
    promql_expr_test: named.map(({ alert, fires, instance }) => ({
      expr: `count(ALERTS{alertname="${alert}",alertstate="firing",instance="${instance}"})`,
      eval_time: '29m',
      exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
    })),
  };
}

async function promtool(...words: readonly string[]): Promise<{ code: unknown; said: string }> {
  return promisify(execFile)(promTool('promtool'), words, { cwd: folder }).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (error: unknown) => {
      const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
      return { code, said: stdout + stderr };
    },
  );
}

async function passes(...tries: readonly Tried[]): Promise<{ code: unknown; said: string }> {
  const path = join(folder, 'tests.yaml');
  writeFileSync(path, stringify({ rule_files: ['alerts.yaml'], evaluation_interval: '1m', tests: [testOf(tries)] }));
  return promtool('test', 'rules', path);
}

test('promtool finds nothing wrong with the rules, nor with the example of a configuration', async () => {
  expect(await promtool('check', 'rules', 'alerts.yaml')).toMatchObject({
    code: 0,
    said: expect.stringContaining('SUCCESS'),
  });
  const example = readFileSync(join(repo, 'deploy/prometheus/scrape.yaml'), 'utf8');
  writeFileSync(join(folder, 'scrape.yaml'), example.replace('/etc/prometheus/tmux-gate-alerts.yaml', 'alerts.yaml'));
  expect(await promtool('check', 'config', 'scrape.yaml')).toMatchObject({ code: 0 });
});

test('each alert is tried, and each says how urgent it is and what to do', () => {
  expect(alerts.map(({ alert }) => alert).sort()).toEqual(Object.keys(cases).sort());
  for (const { alert, labels, annotations } of alerts) {
    expect([alert, labels.severity]).toEqual([alert, expect.stringMatching(/^(?:critical|warning)$/)]);
    expect(annotations.summary).toContain('$labels.instance');
    expect(annotations.description).toMatch(/\.$|"\.$/);
  }
});

test('each alert fires when it should, and stays silent when it should', async () => {
  const tests = Object.entries(cases).flatMap(([alert, { fires, silent }]) => [
    ...fires.map((input) => ({ alert, input, fires: true })),
    ...silent.map((input) => ({ alert, input, fires: false })),
  ]);
  for (const { fires, silent } of Object.values(cases))
    expect(Math.min(fires.length, silent.length)).toBeGreaterThan(0);
  expect(await passes(...tests)).toMatchObject({ code: 0, said: expect.stringContaining('SUCCESS') });
});

test('an alert that should fire and does not is found, and so is one that fires for nothing', async () => {
  const { fires, silent } = cases['TmuxGateStoreDown']!;
  expect((await passes({ alert: 'TmuxGateStoreDown', input: silent[0]!, fires: true })).code).not.toBe(0);
  expect((await passes({ alert: 'TmuxGateStoreDown', input: fires[0]!, fires: false })).code).not.toBe(0);
});
