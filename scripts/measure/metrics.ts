// Counts the series of /metrics, on a host of its own with 20 sessions: the host of the other parts has none, so that nothing weighs on them.
import { request } from 'node:http';
import { openHost, type Host } from '../sandbox/host.ts';
import type { SandboxConfig } from '../sandbox/install.ts';
import { approve, ask, firstFrame, quiet, letInOnce } from './inside.ts';

const sessions = 20;
const socketOf = (run: string): string => `${run}/metrics.sock`;

function config(given: SandboxConfig): object {
  const like = given.sessions['prod-db'];
  const names = Array.from({ length: sessions - 1 }, (_, n) => `session-${n}`);
  return {
    ...given,
    metrics: { listen: `unix:${socketOf('/opt/tmux-gate-benchm/run/tmux-gate')}` },
    sessions: { 'prod-db': like, ...Object.fromEntries(names.map((name) => [name, like])) },
  };
}

/** A visit that is let in and revoked, and some that are refused. */
async function visits(host: Host): Promise<void> {
  await letInOnce(host, host.people.alice);
  await quiet(host);
  const { client, request: id } = await ask(host, 'session-0', '5m');
  await Promise.all([client.until(firstFrame('session-0')), approve(host, [id])]);
  await host.cli(['revoke', id]);
  await client.exit;
  await quiet(host);
  for (const words of [['nonsense'], ['-t', 'attach', 'nowhere'], ['approve', '000000'], ['unpin', 'x'], ['prod-db']])
    await host.people.alice.run(words);
}

async function scrape(host: Host): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: socketOf(host.layout.run), path: '/metrics' }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    sent.on('error', reject).end();
  });
}

/** @returns how many series a scrape has after some visits */
export async function measureMetrics(): Promise<number> {
  await using host = await openHost({ prefix: 'benchm', config });
  await visits(host);
  const text = await scrape(host);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}
