// The wall between an engineer's terminal and the session's pty, from "go" to the end.
//
// 1. The pty belongs to this process. When the window ends it is closed, and no byte passes in either direction from that
//    instant, whoever still holds the other side (law 4). Attack: a process that goes on writing to the client's pty; a gate
//    that is held up over its end (a read in the background, a frozen cgroup) and meets waiting bytes before its timer.
// 2. Whoever takes no bytes delays nothing: no write here blocks or spins, towards the terminal, the pty, the recording or the keeper,
//    and queues are bounded both ways. Attack: a stopped tmux server, a stopped terminal, and much to write to it.
// 3. A lost line ends the connection and delivers no byte to the session.
// 4. What the session says reaches the terminal through a sieve (./sieve.ts); what is recorded is what the person saw.
// 5. The child is started as root, joins its cgroup or exits, and becomes the session account; then this process drops root
//    for good and is the service account's, which neither the login nor the session can signal or trace (law 10).
// 6. What of the person's keys passes, ./input.ts says at each byte; a full pipe is emptied while they are held.
import type { WriteStream } from 'node:tty';
import type { Go, InputRule } from '../wire/messages.ts';
import { fold } from '../wire/screen-text.ts';
import { clientEnded, clientKilled, clientStopped, lineLost, recordingFailed, windowOver, type End } from './end.ts';
import { lastWordOn, type LastWord } from './farewell.ts';
import { watchIdle, type Idle } from './idle.ts';
import { inputUnder, leaves, type Input } from './input.ts';
import type { Channel } from './channel.ts';
import { becomeForGood } from './privilege.ts';
import { openPty, type Pty } from './pty.ts';
import { makeFullyRaw, neverBlock } from './raw-mode.ts';
import { openRecording, recorderOn, type Recorder } from './recording.ts';
import { followKeeper, type Keeper } from './rejoin.ts';
import { outputFilterFor, type OutputFilter } from './output-filter.ts';
import { isStopped, watchStopped } from './stopped-client.ts';
import { sizeOf } from '../wire/terminal-size.ts';
import { idleLines, idleWarningOf, titleOf, warningOf } from './titles.ts';
import { openWindow, type Window } from './window.ts';
import type { WriteQueue } from './write-queue.ts';

export interface RelayOptions {
  readonly rejoinSocket: string;
}

interface Wall {
  readonly go: Go;
  readonly pty: Pty;
  readonly keys: WriteQueue;
  readonly out: WriteStream;
  readonly recorder: Recorder;
  readonly sieve: OutputFilter;
  readonly last: LastWord;
  readonly input: Input;
  /** The end that the person was told: instant, milliseconds. */
  end: number;
  expired: readonly string[];
  open: boolean;
}

/** Relays until an end comes. @returns the exit code that ssh shows. @throws RecordingFailed before anything was attached. */
export async function relay(go: Go, line: Channel, options: RelayOptions): Promise<number> {
  let finish: (end: End) => void = () => undefined;
  const ended = new Promise<End>((resolve) => (finish = resolve));
  const wall = build(go, finish);
  const raw = makeFullyRaw(process.stdin, '/usr/bin/stty'); // while the client starts
  line.send({ t: 'attached', pid: wall.pty.pid });
  const idle = idleOf(wall, finish);
  const window = openWindow(go.end, {
    warn: (left) => ring(wall, warningOf(wall.go, wall.input.rule(), left)),
    over: () => finish(windowOver(wall.expired)),
  });
  const keeper = followKeeper(line, go, options.rejoinSocket, {
    deadline: (end, expired) => {
      wall.expired = expired;
      wall.end = end;
      window.moveTo(end);
      setTitle(wall);
    },
    cut: (lines, exit) => finish({ why: 'cut', exit, lines }),
    input: (rule) => wall.input.hear(rule),
    lost: () => wall.input.lost(),
  });
  raw.then(
    () => pass(wall, keeper, idle, finish),
    () => finish(clientEnded(go, 1)),
  );
  const end = await ended;
  idle?.stop();
  return close(wall, window, keeper, end);
}

/** Rule 5: recording, pty and child as root; then never root again. */
function build(go: Go, finish: (end: End) => void): Wall {
  const out = process.stdout as WriteStream;
  const { cols, rows } = sizeOf(out);
  neverBlock(out);
  out.write('\u001b[22;2t'); // once: the last word takes one title back
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
  });
  const keys = pty.input({ mayPass: () => mayPass(wall, finish), onRoom: () => process.stdin.resume() });
  const parts = { sieve: outputFilterFor(go.utf8), input: inputUnder(go.input, (rule) => tellInput(wall, rule)), last };
  const wall: Wall = {
    ...{ go, pty, keys, out, recorder, ...parts },
    ...{ end: go.end, expired: go.expired, open: true },
  };
  return wall;
}

function idleOf(wall: Wall, finish: (end: End) => void): Idle | undefined {
  const { idle } = wall.go;
  if (idle === undefined) return undefined;
  return watchIdle(idle, {
    warn: (left) => ring(wall, idleWarningOf(wall.go, left)),
    back: () => setTitle(wall),
    over: () => finish({ why: 'idle', exit: 0, lines: idleLines(wall.go, idle.end) }),
  });
}

function pass(wall: Wall, keeper: Keeper, idle: Idle | undefined, finish: (end: End) => void): void {
  if (!wall.open) return; // it ended while the terminal was made raw
  const lost = (): void => finish(lineLost);
  for (const signal of ['SIGHUP', 'SIGTERM', 'SIGINT'] as const) process.removeAllListeners(signal).on(signal, lost);
  process.stdin
    .removeAllListeners('data')
    .removeAllListeners('error')
    .on('error', lost)
    .on('end', lost)
    .on('close', lost);
  wall.out.removeAllListeners('error').on('error', lost);
  setTitle(wall);
  const may = (): boolean => mayPass(wall, finish);
  outward(wall, may);
  inward(wall, idle, may, finish);
  wall.out.on('resize', () => resize(wall));
  followClient(wall, keeper, finish);
}

function followClient({ go, pty }: Wall, keeper: Keeper, finish: (end: End) => void): void {
  const heard = watchStopped(() => isStopped(pty.pid), {
    stopped: () => keeper.stopped(),
    over: () => finish(clientStopped(go)),
  });
  process.on('SIGCHLD', heard);
  heard(); // what it may have been before this process listened
  pty.onExit((exitCode, signal) => {
    // A killed client is mostly the keeper's doing, whose own words are on their way.
    if (signal === undefined || signal === 0) finish(clientEnded(go, exitCode));
    else setTimeout(() => finish(clientKilled(go)), keeper.wordMs());
  });
}

/** Rule 1, at each byte: whatever held this process up, nothing that waited meanwhile passes after the end. */
function mayPass(wall: Wall, finish: (end: End) => void): boolean {
  if (wall.open && Date.now() >= wall.end) {
    wall.open = false;
    finish(windowOver(wall.expired));
  }
  return wall.open;
}

function outward(wall: Wall, may: () => boolean): void {
  wall.pty.onData((said) => {
    if (!may()) return;
    const bytes = wall.sieve(said);
    wall.recorder.output(bytes);
    if (!wall.out.write(bytes)) {
      wall.pty.pause();
      wall.out.once('drain', () => wall.recorder.full() || wall.pty.resume());
    } else if (wall.recorder.full()) wall.pty.pause();
  });
}

function inward(wall: Wall, idle: Idle | undefined, may: () => boolean, finish: (end: End) => void): void {
  process.stdin.on('data', (bytes: Buffer) => {
    if (!may()) return;
    idle?.touch(bytes);
    const rule = wall.input.rule();
    if (rule === 'never' && leaves(bytes)) finish(clientEnded(wall.go, 0));
    if (rule !== 'pass') return;
    if (wall.go.recordInput) wall.recorder.input(bytes);
    wall.keys.write(bytes);
    if (wall.keys.isFull()) process.stdin.pause();
  });
}

function resize(wall: Wall): void {
  if (!wall.open) return;
  const { cols, rows } = sizeOf(wall.out);
  wall.pty.resize(cols, rows);
  wall.recorder.resize(cols, rows);
}

function setTitle(wall: Wall): void {
  wall.out.write(`\u001b]2;${titleOf(wall.go, wall.input.rule(), wall.end)}\u0007`);
}

/** Rule 6: while keys are held, what waits for a pty that takes nothing is dropped, and so is what comes. */
function tellInput(wall: Wall, rule: InputRule): void {
  if (!wall.open) return;
  ring(wall, titleOf(wall.go, rule, wall.end));
  if (rule === 'pass') return;
  wall.keys.clear();
  process.stdin.resume();
}

/** The bell and the title: the session cannot prevent either (docs/design.md, "The end of access"). */
function ring(wall: Wall, text: string): void {
  wall.recorder.marker(text);
  wall.out.write(`\u0007\u001b]2;${text}\u0007`);
}

/** Rule 1. First the wall, then the words. */
async function close(wall: Wall, window: Window, keeper: Keeper, end: End): Promise<number> {
  wall.open = false;
  window.stop();
  keeper.ended(end.why, end.exit);
  wall.keys.close();
  wall.pty.close();
  process.stdin.pause();
  process.stdin.removeAllListeners('data');
  // Before the terminal is touched: one in the background can hold this process up for good.
  const recorded = wall.recorder.finish();
  if (end.why !== 'line') {
    if (end.why !== 'detached') wall.out.destroy();
    await wall.last.say(fold(end.lines, sizeOf(wall.out).cols));
    await recorded;
    process.stdin.setRawMode(false);
  }
  await recorded;
  return end.exit;
}
