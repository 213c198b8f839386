// How long a jump into a long recording takes, until its screen is drawn as it was.
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecording } from '../../src/adapters/recordings/open.ts';
import { SeekableWriter } from '../../src/adapters/recordings/zstd-seekable.ts';
import { openKeyframes, type Keyframes } from '../../src/recordings/keyframes.ts';
import { keyframesOf } from '../../src/recordings/make-keyframes.ts';
import { lengthOf, Timeline } from '../../src/recordings/timeline.ts';
import type { EvidenceRounds } from './evidence.ts';
import { p50, p99 } from './numbers.ts';
import type { Figures } from './report.ts';

const jumps = 20;
const rangeBytes = 1024 * 1024;
const signal = new AbortController().signal;
const quiet = (): void => undefined;

export async function measureReplay({ recordingBytes }: Pick<EvidenceRounds, 'recordingBytes'>): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-bench-'));
  const base = join(folder, 'AZPT0Y3FCS');
  try {
    record(`${base}.cast.zst`, recordingBytes);
    const started = performance.now();
    await jump(base, 0.9);
    const making = performance.now() - started;
    const times: number[] = [];
    for (let n = 0; n < jumps; n++) times.push(await jump(base, 0.9 - n / 1000));
    return {
      ...{ replay_seek_ms: p50(times), replay_seek_p99_ms: p99(times) },
      keyframes_mb_per_s: recordingBytes / 1000 / making,
      keyframes_share: statSync(keyframesOf(base)).size / recordingBytes,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A part of the whole, as `replay --from 90%` does it. @returns milliseconds */
async function jump(base: string, part: number): Promise<number> {
  const started = performance.now();
  const recording = await openRecording(base);
  let keyframes: Keyframes | undefined;
  const timeline = new Timeline(
    recording,
    async () => (keyframes ??= await openKeyframes(base, recording, quiet, signal)),
  );
  await timeline.seek((await lengthOf(recording)) * part);
  const took = performance.now() - started;
  timeline.dispose();
  await keyframes?.close();
  await recording.close();
  return took;
}

/** A sealed recording of what a tmux client prints: rows at places, colours, a scroll region. */
function record(path: string, bytes: number): void {
  const file = openSync(path, 'wx');
  const writer = new SeekableWriter();
  let range = '{"version":2,"width":200,"height":50,"timestamp":1796000000,"env":{"TERM":"tmux-256color"}}\n';
  let [n, written] = [0, 0];
  while (written < bytes) {
    for (; range.length < rangeBytes; n++) range += `${JSON.stringify([n / 50, 'o', pieceAt(n)])}\n`;
    written += range.length;
    writeSync(file, writer.frame(Buffer.from(range)));
    range = '';
  }
  writeSync(file, writer.table());
  closeSync(file);
}

function pieceAt(n: number): string {
  const place = `\u001b[${(n % 48) + 1};${(n % 3) * 10 + 1}H`;
  return `${place}\u001b[3${n % 8}mrow ${n} ${'of what ran there '.repeat(n % 8)}\u001b[0m\u001b[1;49r\u001b[1S`;
}
