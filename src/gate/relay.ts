// The wall between an engineer's terminal and the session's pty, from "go" to the end.
//
// 1. The pty belongs to this process. When the window ends it is closed, and no byte passes in either direction from that
//    instant, whoever still holds the other side (law 4). Attack: a process that goes on writing to the client's pty; a gate
//    that is held up over its end (a read in the background, a frozen cgroup) and meets waiting bytes before its timer.
// 2. A terminal that takes no bytes delays nothing: no write here blocks, and queues are bounded both ways.
// 3. A lost line ends the connection and delivers no byte to the session.
// 4. What the session says reaches the terminal through a sieve (./sieve.ts); what is recorded is what the person saw.
// 5. The child is started as root, joins its cgroup or exits, and becomes the session account; then this process drops root
//    for good and is the service account's, which neither the login nor the session can signal or trace (law 10).
// 6. What of the person's keys passes, ./input.ts says at each byte; a full pipe is emptied while they are held.
import { spawn, type IPty } from '@lydell/node-pty';
import type { Duplex } from 'node:stream';
import type { WriteStream } from 'node:tty';
import type { FromGate, Go, InputRule } from '../wire/messages.ts';
import { fold, refusalLines } from '../wire/speech.ts';
import { lastWordOn, type LastWord } from './farewell.ts';
import { watchIdle, type Idle } from './idle.ts';
import { inputUnder, leaves, type Input } from './input.ts';
import type { Line } from './knock.ts';
import { ownRefusal } from './own-refusal.ts';
import { becomeForGood } from './privilege.ts';
import { openRecording, recorderOn, type Recorder } from './recording.ts';
import { followKeeper, type Keeper } from './rejoin.ts';
import { sieveFor, type Sieve } from './sieve.ts';
import { idleLines, idleWarningOf, titleOf, warningOf } from './titles.ts';
import { openWindow, type Window } from './window.ts';

export interface RelayOptions {
  readonly rejoinSocket: string;
}

type Why = Extract<FromGate, { t: 'ended' }>['why'];

interface End {
  readonly why: Why;
  readonly exit: number;
  readonly lines: readonly string[];
}

const plain = { colour: false, utf8: false };
const inputLimit = 256 * 1024;

interface Wall {
  readonly go: Go;
  readonly pty: IPty;
  readonly inlet: Duplex;
  readonly out: WriteStream;
  readonly recorder: Recorder;
  readonly sieve: Sieve;
  readonly last: LastWord;
  readonly input: Input;
  /** The end that the person was told: instant, milliseconds. */
  end: number;
  expired: readonly string[];
  open: boolean;
}

/** Relays until an end comes. @returns the exit code that ssh shows. @throws RecordingFailed before anything was attached. */
export async function relay(go: Go, line: Line, options: RelayOptions): Promise<number> {
  let finish: (end: End) => void = () => undefined;
  const ended = new Promise<End>((resolve) => (finish = resolve));
  const wall = build(go, finish);
  line.send({ t: 'attached', pid: wall.pty.pid });
  const idle = idleOf(wall, finish);
  const window = openWindow(go.end, {
    warn: (left) => ring(wall, warningOf(wall.go, wall.input.rule(), left)),
    over: () => finish({ why: 'cut', exit: 0, lines: wall.expired }),
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
  pass(wall, keeper, idle, finish);
  const end = await ended;
  idle?.stop();
  return close(wall, window, keeper, end);
}

/** Rule 5: recording, pty and child as root; then never root again. */
function build(go: Go, finish: (end: End) => void): Wall {
  const out = process.stdout as WriteStream;
  const [cols, rows] = [Math.max(out.columns, 1), Math.max(out.rows, 1)];
  const fd = openRecording(go.recording, go.service.gid);
  const last = lastWordOn('/proc/self/fd/1');
  const [file = '', ...args] = go.client;
  const env = { PATH: '/usr/bin:/bin', TERM: go.term, LANG: go.utf8 ? 'C.UTF-8' : 'C' };
  const pty = spawn(file, args, { name: go.term, cols, rows, cwd: '/', env, encoding: null });
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
    onError: () =>
      finish({
        why: 'recording',
        exit: 74,
        lines: [
          'tmux-gate: the recording cannot be written, so the line was cut. [RECORDING_DOWN]',
          `hint: tell an admin of ${go.host}: the disk is full or failing`,
        ],
      }),
    onRoom: () => pty.resume(),
  });
  const parts = { sieve: sieveFor(go.utf8), input: inputUnder(go.input, (rule) => tellInput(wall, rule)), last };
  const wall: Wall = {
    ...{ go, pty, inlet: inletOf(pty), out, recorder, ...parts },
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

/** The stream behind the pty: its public face tells nothing of a queue, and rule 2 needs to know. */
function inletOf(pty: IPty): Duplex {
  return (pty as unknown as { readonly _socket: Duplex })._socket;
}

function pass(wall: Wall, keeper: Keeper, idle: Idle | undefined, finish: (end: End) => void): void {
  const lost = (): void => finish({ why: 'line', exit: 129, lines: [] });
  for (const signal of ['SIGHUP', 'SIGTERM', 'SIGINT'] as const) process.removeAllListeners(signal).on(signal, lost);
  process.stdin
    .removeAllListeners('data')
    .removeAllListeners('error')
    .on('error', lost)
    .on('end', lost)
    .on('close', lost);
  wall.out.removeAllListeners('error').on('error', lost);
  process.stdin.setRawMode(true);
  neverBlock(wall.out);
  wall.out.write('\u001b[22;2t'); // once: the last word takes one title back
  setTitle(wall);
  const may = (): boolean => mayPass(wall, finish);
  outward(wall, may);
  inward(wall, idle, may, finish);
  wall.out.on('resize', () => resize(wall));
  wall.pty.onExit(({ exitCode, signal }) => {
    // A killed client is mostly the keeper's doing, whose own words are on their way.
    if (signal === undefined || signal === 0) finish(leave(wall, exitCode));
    else setTimeout(() => finish(killed(wall)), keeper.wordMs());
  });
}

/** Rule 2: Node makes writes to a terminal block; one that is stopped (Ctrl-S, a dead link) would stop the deadline too. */
function neverBlock(out: WriteStream): void {
  (out as unknown as { readonly _handle: { setBlocking(on: boolean): void } })._handle.setBlocking(false);
}

/** Rule 1, at each byte: whatever held this process up, nothing that waited meanwhile passes after the end. */
function mayPass(wall: Wall, finish: (end: End) => void): boolean {
  if (wall.open && Date.now() >= wall.end) {
    wall.open = false;
    finish({ why: 'cut', exit: 0, lines: wall.expired });
  }
  return wall.open;
}

function outward(wall: Wall, may: () => boolean): void {
  (wall.pty.onData as unknown as (hear: (bytes: Buffer) => void) => void)((said) => {
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
    if (rule === 'never' && leaves(bytes)) finish(leave(wall, 0));
    if (rule !== 'pass') return;
    if (wall.go.recordInput) wall.recorder.input(bytes);
    wall.inlet.write(bytes);
    if (wall.inlet.writableLength < inputLimit) return;
    process.stdin.pause();
    wall.inlet.once('drain', () => process.stdin.resume());
  });
}

function resize(wall: Wall): void {
  const { columns, rows } = wall.out;
  if (!wall.open || columns < 1 || rows < 1) return;
  wall.pty.resize(columns, rows);
  wall.recorder.resize(columns, rows);
}

/** The child ended: the person detached, the session ended, or tmux could not attach at all. */
function leave(wall: Wall, exitCode: number): End {
  const { session, host } = wall.go;
  const again = wall.go.input === 'never' ? `${session} --watch` : session;
  if (exitCode !== 0) {
    const { code, say, hint, exit } = ownRefusal('ATTACH_FAILED', { session });
    return { why: 'failed', exit, lines: refusalLines(plain, code, say, hint) };
  }
  return {
    why: 'detached',
    exit: 0,
    lines: [`tmux-gate: left session ${session}. Your window stays open; again: ssh -t ${host} ${again}`],
  };
}

function killed({ go: { session, host } }: Wall): End {
  const lines = [
    `tmux-gate: your tmux client was killed in session ${session}. If your window is open: ssh -t ${host} ${session}`,
  ];
  return { why: 'failed', exit: 71, lines };
}

function setTitle(wall: Wall): void {
  wall.out.write(`\u001b]2;${titleOf(wall.go, wall.input.rule(), wall.end)}\u0007`);
}

/** Rule 6: what waits before a full pipe is read, and dropped, while it is held. */
function tellInput(wall: Wall, rule: InputRule): void {
  if (!wall.open) return;
  ring(wall, titleOf(wall.go, rule, wall.end));
  if (rule !== 'pass') process.stdin.resume();
}

/** The bell and the title: the session cannot prevent either (design section 6). */
function ring(wall: Wall, text: string): void {
  wall.recorder.marker(text);
  wall.out.write(`\u0007\u001b]2;${text}\u0007`);
}

/** Rule 1. First the wall, then the words. */
async function close(wall: Wall, window: Window, keeper: Keeper, end: End): Promise<number> {
  wall.open = false;
  window.stop();
  keeper.ended(end.why, end.exit);
  wall.inlet.destroy();
  process.stdin.pause();
  process.stdin.removeAllListeners('data');
  // Before the terminal is touched: one in the background can hold this process up for good.
  const recorded = wall.recorder.finish();
  if (end.why !== 'line') {
    if (end.why !== 'detached') wall.out.destroy();
    await wall.last.say(fold(end.lines, wall.out.columns));
    await recorded;
    process.stdin.setRawMode(false);
  }
  await recorded;
  return end.exit;
}
