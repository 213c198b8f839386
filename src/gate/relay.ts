// The relay: passes bytes between an engineer's terminal and the session's pty, from "go" to the end.
//
// 1. The pty belongs to this process. When the window ends it is closed, and from that instant no byte passes in either direction, whoever
//    holds the other side (law 4). Attack: a process goes on writing to the client's pty; a gate is held up past its end (a read in the
//    background, a frozen cgroup) and finds waiting bytes before its timer runs.
// 2. No write to terminal, pty, recording or keeper blocks or spins, and queues are bounded in both directions. Attack: a stopped tmux
//    server or terminal, and much output or input for it, delays the end.
// 3. A lost ssh connection ends the connection and delivers no byte to the session. Accident: half a command is run.
// 4. The session's output passes the output filter (./output-filter.ts); the recording has what the person saw. Attack: see there.
// 5. The child starts as root, joins its cgroup or exits, and becomes the session account. Then this process becomes the service account
//    for good, which neither login nor session account can signal or trace (law 10). Attack: the session stops or takes over its relay.
// 6. ./input.ts decides whether input passes, asked for each piece; while input is held, what waits for the pty is dropped too. Attack:
//    see there.
import type { WriteStream } from 'node:tty';
import { idleLines, title, titleIdle, titleNearEnd, titleNearQuota } from '../core/messages/attached.ts';
import type { Go, InputRule } from '../wire/messages.ts';
import { fold } from '../wire/screen-text.ts';
import {
  clientEnded,
  clientKilled,
  clientStopped,
  lineLost,
  quotaReached,
  recordingFailed,
  windowOver,
  type End,
} from './end.ts';
import { collectAfterOutput } from './collect.ts';
import { lastWordOn, type LastWord } from './farewell.ts';
import { watchIdle, type Idle } from './idle.ts';
import { inputUnder, leaves, type Input } from './input.ts';
import type { Channel } from './channel.ts';
import { becomeForGood } from './privilege.ts';
import { openPty, type Pty } from './pty.ts';
import { makeFullyRaw, neverBlock } from './raw-mode.ts';
import { openRecording, recorderOn, type Recorder } from './recording.ts';
import { recordTyped, type TypedRecorder } from './typed-recorder.ts';
import { followKeeper, type Keeper } from './rejoin.ts';
import { outputFilterFor, type OutputFilter } from './output-filter.ts';
import { isStopped, watchStopped } from './stopped-client.ts';
import { sizeOf } from '../wire/terminal-size.ts';
import { openWindow, type Window } from './window.ts';
import type { WriteQueue } from './write-queue.ts';

export interface RelayOptions {
  readonly rejoinSocket: string;
}

/** Everything of one running relay. */
interface Running {
  readonly go: Go;
  readonly pty: Pty;
  readonly keys: WriteQueue;
  readonly out: WriteStream;
  readonly recorder: Recorder;
  readonly outputFilter: OutputFilter;
  readonly last: LastWord;
  readonly input: Input;
  /** The end of the window: instant, milliseconds. */
  end: number;
  expired: readonly string[];
  open: boolean;
  /** Where typed input is recorded, from the attach on. */
  typed: TypedRecorder | undefined;
}

/** Relays until the connection ends. @returns the exit code of ssh. @throws RecordingFailed before anything is attached */
export async function relay(go: Go, line: Channel, options: RelayOptions): Promise<number> {
  let finish: (end: End) => void = () => undefined;
  const ended = new Promise<End>((resolve) => (finish = resolve));
  const running = build(go, finish);
  const raw = makeFullyRaw(process.stdin, '/usr/bin/stty'); // while the client starts
  line.send({ t: 'attached', pid: running.pty.pid });
  const idle = idleOf(running, finish);
  const window = openWindow(go.end, {
    warn: (left) => ring(running, titleNearEnd(running.go, running.input.rule(), left)),
    over: () => finish(windowOver(running.expired)),
  });
  const keeper = followKeeper(line, go, options.rejoinSocket, {
    deadline: (end, expired) => {
      running.expired = expired;
      running.end = end;
      window.moveTo(end);
      setTitle(running);
    },
    cut: (lines, exit) => finish({ why: 'cut', exit, lines }),
    input: (rule) => running.input.hear(rule),
    looked: (answer) => running.typed?.looked(answer),
    lost: () => running.input.lost(),
  });
  raw.then(
    () => pass(running, keeper, idle, finish),
    () => finish(clientEnded(go, 1)),
  );
  const end = await ended;
  idle?.stop();
  return close(running, window, keeper, end);
}

/** Opens recording, terminal and pty and starts the child, as root; then drops root for good (rule 5). */
function build(go: Go, finish: (end: End) => void): Running {
  const out = process.stdout as WriteStream;
  const { cols, rows } = sizeOf(out);
  neverBlock(out);
  out.write('\u001b[22;2t'); // saves the title once; farewell.ts restores it once
  const fd = openRecording(go.recording, go.service.gid);
  const last = lastWordOn('/proc/self/fd/1');
  const pty = openPty({ argv: go.client, term: go.term, lang: go.utf8 ? 'C.UTF-8' : 'C', cols, rows });
  becomeForGood(go.service.uid, go.service.gid);
  const recorder = recorderOn(fd, {
    header: {
      width: cols,
      height: rows,
      timestamp: Math.floor(Date.now() / 1000),
      title: `${go.session} on ${go.host}`,
      env: { TERM: go.term },
    },
    now: () => performance.now(),
    onError: () => finish(recordingFailed(go)),
    onRoom: () => pty.resume(),
    quota: {
      bytes: go.quota,
      near: () => ring(running, titleNearQuota(go)),
      reached: () => finish(quotaReached(go)),
    },
  });
  const keys = pty.input({ mayPass: () => mayPass(running, finish), onRoom: () => process.stdin.resume() });
  const parts = {
    outputFilter: outputFilterFor(go.utf8),
    input: inputUnder(go.input, (rule) => tellInput(running, rule)),
    last,
  };
  const running: Running = {
    ...{ go, pty, keys, out, recorder, ...parts },
    ...{ end: go.end, expired: go.expired, open: true, typed: undefined },
  };
  return running;
}

function idleOf(running: Running, finish: (end: End) => void): Idle | undefined {
  const { idle } = running.go;
  if (idle === undefined) return undefined;
  return watchIdle(idle, {
    warn: (left) => ring(running, titleIdle(running.go, left)),
    back: () => setTitle(running),
    over: () => finish({ why: 'idle', exit: 0, lines: idleLines(running.go, idle.end) }),
  });
}

function pass(running: Running, keeper: Keeper, idle: Idle | undefined, finish: (end: End) => void): void {
  if (!running.open) return; // it ended while the terminal was made raw
  const lost = (): void => finish(lineLost);
  for (const signal of ['SIGHUP', 'SIGTERM', 'SIGINT'] as const) process.removeAllListeners(signal).on(signal, lost);
  process.stdin
    .removeAllListeners('data')
    .removeAllListeners('error')
    .on('error', lost)
    .on('end', lost)
    .on('close', lost);
  running.out.removeAllListeners('error').on('error', lost);
  setTitle(running);
  running.typed = typedOf(running, keeper);
  const may = (): boolean => mayPass(running, finish);
  outward(running, may);
  inward(running, idle, may, finish);
  running.out.on('resize', () => resize(running));
  followClient(running, keeper, finish);
}

/** What is typed is recorded by the policy; a connection that only views types nothing. */
function typedOf(running: Running, keeper: Keeper): TypedRecorder | undefined {
  const { go, recorder, out } = running;
  if (!go.recordInput || running.input.rule() === 'never') return undefined;
  const look = (n: number, rows: readonly string[]): void => keeper.look(n, rows);
  return recordTyped({ ...sizeOf(out), utf8: go.utf8, recorder, now: () => performance.now(), look });
}

function followClient(running: Running, keeper: Keeper, finish: (end: End) => void): void {
  const { go, pty } = running;
  const heard = watchStopped(() => isStopped(pty.pid), {
    stopped: () => keeper.stopped(),
    over: () => finish(clientStopped(go)),
  });
  process.on('SIGCHLD', heard);
  heard(); // it may have been stopped before the signal was handled
  pty.onExit((exitCode, signal) => {
    // A client is usually killed by the keeper, whose message with the reason is on its way.
    if (signal === undefined || signal === 0) finish(clientEnded({ ...go, end: running.end }, exitCode));
    else setTimeout(() => finish(clientKilled(go)), keeper.wordMs());
  });
}

/** Whether bytes may pass now; ends the connection when its time is over, even if the timer has not run yet (rule 1). */
function mayPass(running: Running, finish: (end: End) => void): boolean {
  if (running.open && Date.now() >= running.end) {
    running.open = false;
    finish(windowOver(running.expired));
  }
  return running.open;
}

function outward(running: Running, may: () => boolean): void {
  const collect = collectAfterOutput(globalThis.gc);
  running.pty.onData((said) => {
    if (!may()) return;
    collect();
    const bytes = running.outputFilter(said);
    running.recorder.output(bytes);
    if (!running.out.write(bytes)) {
      running.pty.pause();
      running.out.once('drain', () => running.recorder.full() || running.pty.resume());
    } else if (running.recorder.full()) running.pty.pause();
    running.typed?.shown(bytes);
  });
}

function inward(running: Running, idle: Idle | undefined, may: () => boolean, finish: (end: End) => void): void {
  process.stdin.on('data', (bytes: Buffer) => {
    if (!may()) return;
    idle?.touch(bytes);
    const rule = running.input.rule();
    if (rule === 'never' && leaves(bytes)) finish(clientEnded({ ...running.go, end: running.end }, 0));
    if (rule !== 'pass') return;
    running.keys.write(bytes);
    running.typed?.typed(bytes); // after the session has it, so that it is never delayed
    if (running.keys.isFull()) process.stdin.pause();
  });
}

function resize(running: Running): void {
  if (!running.open) return;
  const { cols, rows } = sizeOf(running.out);
  running.pty.resize(cols, rows);
  running.recorder.resize(cols, rows);
  running.typed?.resize(cols, rows);
}

function setTitle(running: Running): void {
  running.out.write(`\u001b]2;${title(running.go, running.input.rule(), running.end)}\u0007`);
}

/** Tells the person about a new input rule. Unless input passes, drops what waits for the pty (rule 6). */
function tellInput(running: Running, rule: InputRule): void {
  if (!running.open) return;
  ring(running, title(running.go, rule, running.end));
  if (rule === 'pass') return;
  running.keys.clear();
  process.stdin.resume();
}

/** Rings the bell and sets the title, which the session cannot prevent (docs/design.md, "The end of access"). */
function ring(running: Running, text: string): void {
  running.recorder.marker(text);
  running.out.write(`\u0007\u001b]2;${text}\u0007`);
}

/** Ends the relay: first no byte passes any more (rule 1), then the person is told. @returns the exit code of ssh */
async function close(running: Running, window: Window, keeper: Keeper, end: End): Promise<number> {
  running.open = false;
  window.stop();
  keeper.ended(end.why, end.exit);
  running.keys.close();
  running.pty.close();
  process.stdin.pause();
  process.stdin.removeAllListeners('data');
  // Before anything is written to the terminal: one in the background can stop this process for good.
  running.typed?.finish();
  const recorded = running.recorder.finish();
  if (end.why !== 'line') {
    if (end.why !== 'detached') running.out.destroy();
    await running.last.say(fold(end.lines, sizeOf(running.out).cols));
    await recorded;
    process.stdin.setRawMode(false);
  }
  await recorded;
  return end.exit;
}
