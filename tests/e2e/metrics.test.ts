// /metrics of a real keeper after real visits: what it says, that promtool finds nothing wrong with it, that every query of the dashboard has
// an answer, and that nothing of a person is in it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mostSeries } from '../../src/core/metrics/table.ts';
import { outcome, type Outcome } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { repo } from '../../scripts/sandbox/layout.ts';
import { freePort } from '../../scripts/sandbox/sockets.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { isAlive, place, testHost } from '../harness/inside.ts';
import { promTool, startPrometheus, type Prometheus } from '../harness/prometheus.ts';
import { openTlsServer, type TlsServer } from '../harness/tls-server.ts';
import { endIt, letIn, say } from '../harness/visits.ts';

const tga = place('tga');
/** 32 bytes 7. */
const witnessKey = 'witness.example/w1+f5f1ad4c+BAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';
const reason = 'INC-4711 "} 1';

let host: Host;
let port: number;
let folder: string;
let prometheus: Prometheus;
/** A witness that never cosigns. */
let witness: TlsServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tmux-gate-prometheus-'));
  [port, witness] = [await freePort(), await openTlsServer(5)];
  host = await testHost({
    ownRedis: true,
    prefix: 'tga',
    keeper: false,
    config: (given) => ({
      ...given,
      metrics: { listen: `127.0.0.1:${String(port)}` },
      journal: { witness: [{ url: witness.url, key: witnessKey }] },
      sessions: { ...given.sessions, short: { ...given.sessions['prod-db'], window: { default: '10s', max: '1m' } } },
    }),
  });
  host.keeper.env = { SSL_CERT_FILE: witness.trust };
  await host.keeper.start();
  prometheus = await startPrometheus(folder, `127.0.0.1:${String(port)}`);
});
afterAll(async () => {
  await prometheus[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
  witness[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

async function scrape(place: { socketPath: string } | { host: string; port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ ...place, path: '/metrics' }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    sent.on('error', reject).end();
  });
}

const now = async (): Promise<string> => scrape({ host: '127.0.0.1', port });

/** The value of a series; undefined when it is not there. */
function valueOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** What docs/metrics.md has a timer run for the textfile collector. */
async function textfile(socketPath: string): Promise<Outcome> {
  const [, script = ''] = /```sh\n([^]*?)```/.exec(readFileSync(join(repo, 'docs/metrics.md'), 'utf8')) ?? [];
  expect(script).toContain('tmux-gate.prom');
  const here = script
    .replace('/var/lib/prometheus/node-exporter', folder)
    .replace('/run/tmux-gate/metrics.sock', socketPath);
  return outcome('sh', ['-c', here]);
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

test('visits, their ends and refusals are told; promtool finds nothing wrong with the text', async () => {
  const { alice } = host.people;
  expect(await say(alice, ['nonsense', 'INC-4711', '"}'])).toMatchObject({ code: 64 });
  await endIt(host, await letIn(host, alice, { reason }));
  const short = await letIn(host, alice, { session: 'short', window: '10s', reason });
  // A text is reused for a second, and Prometheus scrapes too.
  await eventually('the connection is told', async () => {
    const inside = await now();
    return valueOf(inside, 'tmux_gate_connections{session="short"}') === 1 && valueOf(inside, 'tmux_gate_grants') === 1;
  });
  await short.terminal.exit;
  const text = await eventually('the end is measured', async () => {
    const told = await now();
    return valueOf(told, 'tmux_gate_end_lateness_seconds_count') === 1 ? told : undefined;
  });
  const expected = {
    'tmux_gate_visits_total{outcome="attached",code=""}': 2,
    'tmux_gate_visits_total{outcome="refused",code="NOT_A_VERB"}': 1,
    tmux_gate_sign_ins_total: 1,
    tmux_gate_requests_total: 2,
    'tmux_gate_request_ends_total{outcome="granted"}': 2,
    'tmux_gate_grant_ends_total{why="revoked"}': 1,
    'tmux_gate_connections{session="prod-db"}': 0,
    tmux_gate_connections_overdue: 0,
    tmux_gate_revocation_seconds_count: 1,
    tmux_gate_journal_up: 1,
    tmux_gate_journal_write_failures_total: 0,
    tmux_gate_redis_up: 1,
    tmux_gate_issuer_up: 1,
    'tmux_gate_break_glass_total{code="used"}': 0,
  };
  for (const [series, value] of Object.entries(expected))
    expect([series, valueOf(text, series)]).toEqual([series, value]);
  const ends = valueOf(text, 'tmux_gate_certificate_expiry_timestamp_seconds') ?? 0;
  expect(Math.round((ends - Date.now() / 1000) / 86_400)).toBe(90);
  const checked = spawnSync(promTool('promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' });
  expect({ status: checked.status, said: checked.stdout + checked.stderr }).toEqual({ status: 0, said: '' });
});

test('there are few series, and none names a person, a reason, a ticket, a request or an address', async () => {
  const text = await now();
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(series.length).toBeGreaterThan(50);
  expect(series.length).toBeLessThanOrEqual(mostSeries);
  const { stdout } = await host.cli(['history', '--json']);
  const ids = (JSON.parse(stdout) as readonly { readonly request: string }[]).map((row) => row.request);
  expect(ids).toHaveLength(2);
  for (const word of [...ids, 'alice', 'bob', tga, 'INC', '4711', 'nonsense', 'example.com', '127.0.0.1', '00u'])
    expect(series.filter((line) => line.includes(word))).toEqual([]);
});

test('every query of the dashboard has an answer', async () => {
  const { panels, templating } = JSON.parse(readFileSync(join(repo, 'deploy/grafana/tmux-gate.json'), 'utf8')) as {
    panels: readonly Panel[];
    templating: { readonly list: readonly { readonly query: string }[] };
  };
  const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
  expect(queries.length).toBeGreaterThan(40);
  // By now Prometheus has scraped the end that was measured last.
  await eventually(
    'prometheus knows',
    async () => (await prometheus.query('tmux_gate_end_lateness_seconds_count == 1')).length > 0,
  );
  const [, { query } = { query: '' }] = templating.list;
  expect(query).toBe('label_values(tmux_gate_build_info, instance)');
  const hosts = await prometheus.query('tmux_gate_build_info');
  expect(hosts.map(({ labels }) => labels['instance'])).toEqual(['prod-box']);
  for (const { title, expr } of queries) {
    const samples = await prometheus.query(expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '5m'));
    const finite = samples.filter(({ value }) => Number.isFinite(value));
    expect({ title, expr, found: finite.length > 0 }).toEqual({ title, expr, found: true });
  }
});

test('a Redis that hangs is told, and a scrape does not wait for it', async () => {
  const pid = Number(readFileSync(`${host.layout.run}/redis.pid`, 'utf8').split(' ')[0]);
  process.kill(pid, 'SIGSTOP');
  try {
    await eventually('it is told', async () => valueOf(await now(), 'tmux_gate_redis_up') === 0);
    const scraped = await eventually('it is scraped', async () => {
      const up = await prometheus.query('up == 1');
      return up.length > 0 ? up : undefined;
    });
    expect(scraped).toHaveLength(1);
  } finally {
    if (isAlive(pid)) process.kill(pid, 'SIGCONT');
  }
  await eventually('it is back', async () => valueOf(await now(), 'tmux_gate_redis_up') === 1);
});

test('over a unix socket they are for root and the group alone; a place that cannot be used stops no keeper', async () => {
  await host.keeper.stop();
  const socketPath = `${host.layout.run}/metrics.sock`;
  const group = `${tga}-dba`;
  host.writeConfig({ ...host.config, metrics: { listen: `unix:${socketPath}`, group } });
  await host.keeper.start();
  const as = async (account: string): Promise<string> => {
    const curl = ['curl', '-s', '--unix-socket', socketPath, 'http://localhost/metrics'];
    const user = ['--reuid', account, '--regid', account, '--init-groups', '--inh-caps=-all'];
    return (await outcome('setpriv', [...user, ...curl])).stdout;
  };
  const text = await eventually('it listens', async () => scrape({ socketPath }).catch(() => undefined));
  expect(valueOf(text, 'tmux_gate_journal_up')).toBe(1);
  expect(await as(group)).toContain('tmux_gate_build_info{version=');
  expect(await as(`${tga}-alice`)).toBe('');
  expect(await textfile(socketPath)).toMatchObject({ code: 0, stderr: '' });
  const file = readFileSync(join(folder, 'tmux-gate.prom'), 'utf8');
  expect(valueOf(file, 'tmux_gate_journal_up')).toBe(1);
  expect(file).not.toMatch(/process_/);
  await host.keeper.stop();
  host.writeConfig({ ...host.config, metrics: { listen: 'unix:/nowhere/metrics.sock' } });
  await host.keeper.start();
  await eventually('sshd and sudo were looked at', async () => (await host.cli(['status'])).code === 0);
  expect(await host.cli(['status'])).toMatchObject({ code: 0 });
  await eventually('it is logged', () => host.keeper.log.some(({ event }) => event === 'metrics-not-served'));
});
