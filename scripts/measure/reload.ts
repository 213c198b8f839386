// Measures how long a reload of the policy takes while people are attached.
import type { Host } from '../sandbox/host.ts';
import type { Client } from './client.ts';
import { quiet } from './inside.ts';
import { sitDown } from './memory.ts';

/** How many are attached, all under one grant. */
const attached = 50;

/** Of the policy: what each reload changes, and what it judges nobody by. */
const waits = ['29m', '28m'] as const;

/** From starting `tmux-gate reload` to its end: milliseconds, for each of so many reloads. @throws Error when one takes nothing, or ends somebody */
export async function measureReloads(host: Host, count: number): Promise<readonly number[]> {
  const before = host.config;
  const clients: Client[] = [];
  const took: number[] = [];
  for (let n = 0; n < attached; n++) clients.push(await sitDown(host));
  try {
    for (let n = 0; n < count; n++) {
      host.writeConfig({ ...before, request: { answer_within: waits[n % 2] } });
      took.push(await reloadOnce(host));
    }
    const { length } = JSON.parse((await host.cli(['connections', '--json'])).stdout) as readonly unknown[];
    if (length !== attached) throw new Error(`${length} of ${attached} are still attached`);
  } finally {
    host.writeConfig(before);
    await reloadOnce(host);
    for (const client of clients) await client.leave();
    await quiet(host);
  }
  return took;
}

async function reloadOnce(host: Host): Promise<number> {
  const began = performance.now();
  const { code, stdout, stderr } = await host.cli(['reload', '--json']);
  const took = performance.now() - began;
  const isTaken = code === 0 && (JSON.parse(stdout) as { state: string }).state === 'taken';
  if (!isTaken) throw new Error(`reload: ${String(code)} ${stdout}${stderr}`);
  return took;
}
