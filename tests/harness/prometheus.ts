// Prometheus and its promtool, as scripts/prepare has them: out of Debian's package, with no service and no account.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { stringify } from 'yaml';
import { freePort } from '../../scripts/sandbox/sockets.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';

const tools = '/var/cache/tmux-gate-tests/prometheus';

/** The path of a program of the package. @throws Error when scripts/prepare has not put it there */
export function promTool(name: 'promtool' | 'prometheus'): string {
  const path = join(tools, name);
  if (!existsSync(path)) throw new Error(`${path} is missing: run scripts/prepare`);
  return path;
}

/** A sample of an instant vector. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus that scrapes one target each second, and answers queries. */
export interface Prometheus extends AsyncDisposable {
  /** @throws Error with what Prometheus says of a wrong expression */
  query(expression: string): Promise<readonly Sample[]>;
}

interface Reply {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly { metric: Record<string, string>; value: [number, string] }[] };
}

/** @param folder for its configuration and data @param target `127.0.0.1:PORT` */
export async function startPrometheus(folder: string, target: string): Promise<Prometheus> {
  const port = await freePort();
  const scrape = [{ job_name: 'tmux-gate', static_configs: [{ targets: [target], labels: { instance: 'prod-box' } }] }];
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: scrape }));
  const address = `127.0.0.1:${String(port)}`;
  const words = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--storage.tsdb.retention.time=1h',
    '--log.level=error',
  ];
  const child = spawn(promTool('prometheus'), words, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const query = async (expression: string): Promise<readonly Sample[]> => {
    const body = new URLSearchParams({ query: expression });
    const answer = await fetch(`http://${address}/api/v1/query`, { method: 'POST', body });
    const { status, error, data } = (await answer.json()) as Reply;
    if (status !== 'success') throw new Error(`${expression}: ${error ?? status}`);
    return (data?.result ?? []).map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  };
  const dispose = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  try {
    await eventually('prometheus has scraped', async () => (await query('up == 1').catch(() => [])).length > 0, 30_000);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { query, [Symbol.asyncDispose]: dispose };
}
