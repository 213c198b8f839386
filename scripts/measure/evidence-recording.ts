// What the keeper's reading of a recording costs while a session prints a gigabyte: the delay of somebody else's keystrokes, and memory.
import { readFileSync, statSync } from 'node:fs';
import type { Host } from '../sandbox/host.ts';
import { shortSession } from './ends.ts';
import type { EvidenceRounds } from './evidence.ts';
import { approve, ask, attach, connectionOn, firstFrame, quiet } from './inside.ts';
import { rssMb } from './memory.ts';
import { p50, p99 } from './numbers.ts';
import type { Figures } from './report.ts';
import { press, sitDown, type Typist } from './visit.ts';

/** Keystrokes with the keeper, then as many without it. */
const turn = 120;
const longestMs = 1_800_000;

/**
 * The same keystrokes in turns: while the keeper reads what is recorded, and while it is stopped (SIGSTOP) and the gates go on alone. So the
 * load of the session that prints is in both.
 */
export async function measureRecording(host: Host, { printed }: EvidenceRounds): Promise<Figures> {
  const typist = await sitDown(attach(host));
  const { client, request } = await ask(host, shortSession, '50m');
  await Promise.all([client.until(firstFrame(shortSession)), approve(host, [request])]);
  const connection = connectionOn(host, shortSession);
  const { gate } = connection;
  const keeper = host.keeper.pid ?? 0;
  client.type(`yes "$(printf '%079d' 7)" | head -c ${printed}; echo "printed-$((6*7))"\r`);
  let isPrinting = true;
  const end = client.until(/printed-42/, longestMs).finally(() => (isPrinting = false));
  const found = { read: [] as number[], stopped: [] as number[], keeperMb: [] as number[], gateMb: [] as number[] };
  const [recordedMb, behindMb]: [number[], number[]] = [[], []];
  const printing = (): boolean => isPrinting;
  while (printing()) {
    found.read.push(...(await keys(typist)));
    found.keeperMb.push(rssMb(keeper));
    found.gateMb.push(rssMb(gate.pid));
    const { recorded, journaled } = bytesOf(host, connection);
    recordedMb.push(recorded / 1e6);
    behindMb.push((recorded - journaled) / 1e6);
    process.kill(keeper, 'SIGSTOP');
    found.stopped.push(...(await keys(typist).finally(() => process.kill(keeper, 'SIGCONT'))));
  }
  await end;
  await host.cli(['revoke', request]); // the session ends with its grant
  await client.exit;
  typist.client.type('\u0003');
  await typist.client.leave();
  await quiet(host);
  return {
    recording_echo_p99_delta_ms: p99(found.read) - p99(found.stopped),
    recording_echo_p50_delta_ms: p50(found.read) - p50(found.stopped),
    recording_keeper_growth_mb: growth(found.keeperMb),
    recording_gate_growth_mb: growth(found.gateMb),
    recording_mb: Math.max(...recordedMb),
    recording_behind_mb: Math.max(...behindMb),
  };
}

/** How long the recording is, and up to where it has digests in the journal. */
function bytesOf(
  host: Host,
  { id, recording }: { readonly id: string; readonly recording: string },
): { readonly recorded: number; readonly journaled: number } {
  const state = readFileSync(`${host.root}/var/lib/tmux-gate/unsealed/${id}.json`, 'utf8');
  const { cuts } = JSON.parse(state) as { readonly cuts: readonly number[] };
  return { recorded: statSync(recording).size, journaled: cuts.at(-1) ?? 0 };
}

async function keys(typist: Typist): Promise<number[]> {
  const before = typist.samples.length;
  for (let n = 0; n < turn; n++) await press(typist, n);
  return typist.samples.slice(before);
}

/** The last quarter over the second one: in the first, buffers and caches fill once. */
function growth(samples: readonly number[]): number {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  return p50(samples.slice(-quarter)) - p50(samples.slice(quarter, 2 * quarter).concat(samples.slice(0, 1)));
}
