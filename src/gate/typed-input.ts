// Which of a person's keys the recording keeps (`record: output+input`): all but secrets. It decides about the recording alone; what goes
// to the session is never delayed or changed. Told of keys, and of looks at the terminals of the session (keeper/connections/tty-looks.ts).
//
// 1. Nothing is kept while a terminal of the session is in line mode without echo, nor from a prompt for a secret (`secret_prompts`) to the
//    end of that line. Accident: a recording is full of passwords.
// 2. What is not kept leaves one marker for each stretch, with the number of keys and why. Attack: `stty -echo` as a hiding place.
// 3. What is typed ahead, after Enter, waits until it is known who reads it: echo goes off 5 to 240 ms later. It is kept once the terminal
//    is raw for good (a shell's prompt, an editor), or a program has read the line with echo on; a whole line also has to be printed. It is
//    dropped when echo goes off or a prompt comes. Accident: a password that is typed before its prompt.
// 4. Each key waits for a look that began after it; without an answer it is not kept. Attack: the keeper is stopped, so that nobody looks.
// 5. What waits is bounded in size and time, and then kept only if the screen showed it, which is in the recording anyway. Attack: memory
//    grows while a program in line mode reads nothing.
import { nextLook } from './look-times.ts';
import { countKeys, endsLine, linesOf } from './typed-keys.ts';
import type { NotKept } from '../core/messages/typed.ts';
import type { TtyState } from '../wire/messages.ts';

/** What the recording is given. Instants are milliseconds, on the clock of the caller. */
export interface TypedOut {
  keep(text: string, at: number): void;
  /** @param at when the first of these keys was typed. */
  notKept(keys: number, why: NotKept, at: number): void;
  /** Whether the screen has shown this line since a number of printed characters (./screen-rows.ts). */
  wasPrinted(line: string, from: number): boolean;
}

/** The screen at the moment of a key: text before the cursor, and how many characters were printed. */
export interface Seen {
  readonly row: string;
  readonly printed: number;
}

/** The keeper's answer: the terminals of the session (undefined: it could not look), and which rows are prompts for a secret. */
export interface Looked {
  readonly ttys?: readonly TtyState[] | undefined;
  readonly prompts: readonly boolean[];
}

/** The typed input of one connection. */
export interface TypedInput {
  /** Takes what was typed. */
  key(text: string, at: number, seen: Seen): void;
  /** The screen has changed. */
  output(): void;
  /** Milliseconds until the next look is due; Infinity where none is. */
  dueIn(now: number): number;
  /** Begins a look. @returns the rows to ask about. */
  ask(now: number): readonly string[];
  /** The look that began last is answered. */
  looked(answer: Looked | undefined, now: number): void;
  /** The connection is over. */
  finish(): void;
}

/** After this time without a program in line mode, a raw terminal is what reads. */
const settledMs = 300;
const [longestWaitMs, mostWaiting] = [10_000, 64 * 1024];
/** Rows in one question, as many as the message takes. */
const mostRows = 32;

interface Piece {
  readonly text: string;
  readonly at: number;
  /** Characters printed before it. */
  readonly from: number;
  /** The Enter after which it was typed ahead; undefined where a raw terminal read it. */
  readonly since: number | undefined;
  readonly ends: boolean;
  /** The row that is still to be asked about. */
  row: string | undefined;
  prompt: boolean;
  /** When its line was found on the screen. */
  printed?: number;
}

interface State {
  readonly out: TypedOut;
  waiting: Piece[];
  size: number;
  /** The terminal is raw, and no program was started since. */
  calm: boolean;
  /** The last Enter. */
  since: number;
  /** Terminals that were in line mode before it: of other windows. */
  others: ReadonlySet<number> | undefined;
  /** When a further terminal was last seen in line mode. */
  lineAt: number;
  /** Why keys are dropped as they come: to the end of the line, or until echo is on. */
  masked: 'echo' | 'prompt' | undefined;
  asked: number;
  rows: readonly string[];
  changed: boolean;
  /** The row at the first key of this line, and what was typed in it since. */
  line: { readonly row: string; text: string } | undefined;
  readonly known: Map<string, boolean>;
  lost: { keys: number; readonly why: NotKept; readonly at: number } | undefined;
}

/** Nothing is typed yet. @param start the attach: milliseconds. */
export function openTypedInput(start: number, out: TypedOut): TypedInput {
  const state: State = {
    ...{ out, waiting: [], size: 0, calm: false, since: start, others: undefined, lineAt: -Infinity },
    ...{ masked: undefined, asked: -Infinity, rows: [], changed: false, line: undefined },
    ...{ known: new Map(), lost: undefined },
  };
  return {
    key: (text, at, seen) => take(state, text, at, seen),
    output: () => void (state.changed = true),
    dueIn: (now) => dueAt(state) - now,
    ask: (now) => {
      const asking = new Set(state.waiting.flatMap(({ row }) => row ?? []));
      Object.assign(state, { asked: now, changed: false, rows: [...asking].slice(0, mostRows) });
      return state.rows;
    },
    looked: (answer, now) => looked(state, answer, now),
    finish: () => {
      for (const piece of state.waiting.splice(0)) settle(state, piece, piece.since === undefined, 'unknown');
      flush(state);
    },
  };
}

function take(state: State, text: string, at: number, seen: Seen): void {
  let row: string | undefined = seen.row;
  for (const piece of linesOf(text)) {
    const ends = endsLine(piece);
    if (state.masked === undefined) wait(state, { text: piece, at, ends, ...seen, row });
    else drop(state, piece, at, state.masked);
    row = undefined; // the screen of the next line is not known yet
    if (ends) Object.assign(state, { masked: undefined, calm: false, since: at, line: undefined });
  }
  if (state.size > mostWaiting) overflow(state);
}

type Typed = Pick<Piece, 'text' | 'at' | 'ends' | 'row'> & { readonly printed: number };

function wait(state: State, { text, at, ends, row, printed }: Typed): void {
  const asks = row !== undefined && isNewRow(state, row, text) ? row : undefined;
  const known = asks === undefined ? false : state.known.get(asks);
  const since = state.calm ? undefined : state.since;
  const open = known === undefined ? asks : undefined;
  state.waiting.push({ text, at, from: printed, since, ends, row: open, prompt: known === true });
  state.size += text.length;
}

/** Whether a row may be a prompt: not where it is the row of the keys before, with those keys echoed. */
function isNewRow(state: State, row: string, text: string): boolean {
  const { line } = state;
  const same =
    line !== undefined && row.startsWith(line.row) && line.text.startsWith(row.slice(line.row.length).trimEnd());
  state.line = same ? { row: line.row, text: line.text + text } : { row, text };
  return !same;
}

function dueAt({ waiting, asked, calm, masked, since, changed }: State): number {
  const key = waiting.find(({ at, row }) => at > asked || row !== undefined)?.at;
  return nextLook({ asked, since, key, certain: calm && masked === undefined, output: changed });
}

function looked(state: State, answer: Looked | undefined, now: number): void {
  learn(state, answer?.prompts ?? []);
  maskPrompts(state);
  const ttys = answer?.ttys;
  if (ttys === undefined) judge(state, 'unknown', (piece) => piece.at <= state.asked);
  else if (ttys.some(({ is }) => is === 'hidden')) {
    state.lineAt = state.asked;
    judge(state, 'echo', () => true);
    state.masked ??= 'echo';
  } else shown(state, ttys, now);
  state.size = state.waiting.reduce((size, { text }) => size + text.length, 0);
  if (state.masked === undefined) flush(state);
}

function learn(state: State, prompts: readonly boolean[]): void {
  if (state.known.size > mostRows) state.known.clear();
  prompts.forEach((is, n) => state.known.set(String(state.rows[n]), is));
  for (const piece of state.waiting) {
    const known = piece.row === undefined ? undefined : state.known.get(piece.row);
    if (known === undefined) continue;
    piece.prompt = known;
    piece.row = undefined;
  }
}

/** Rule 1: drops from a prompt to the end of the line. */
function maskPrompts(state: State): void {
  const kept: Piece[] = [];
  let line: readonly Piece[] = state.waiting;
  const next = (): number => line.findIndex(({ prompt }) => prompt);
  for (let n = next(); n >= 0; n = next()) {
    kept.push(...line.slice(0, n));
    const length = line.slice(n).findIndex(({ ends }) => ends) + 1;
    if (length === 0) state.masked = 'prompt';
    const end = length === 0 ? line.length : n + length;
    for (const { text, at } of line.slice(n, end)) drop(state, text, at, 'prompt');
    line = line.slice(end);
  }
  state.waiting = [...kept, ...line];
}

/**
 * Echo is off, or nobody could look: of those that this is about, only a line is kept that was typed to its end in a raw terminal, since
 * what it started came later.
 */
function judge(state: State, why: NotKept, about: (piece: Piece) => boolean): void {
  const ended = state.waiting.findLastIndex(({ ends, since }) => ends && since === undefined);
  state.waiting = state.waiting.filter((piece, n) => {
    if (!about(piece) || (piece.row !== undefined && n <= ended)) return true;
    settle(state, piece, piece.since === undefined && n <= ended, why);
    return false;
  });
  state.calm = false;
}

function shown(state: State, ttys: readonly TtyState[], now: number): void {
  if (state.masked === 'echo') state.masked = undefined;
  const lines = ttys.filter(({ is }) => is !== 'raw');
  state.others ??= new Set(lines.map(({ tty }) => tty));
  const { others, asked } = state;
  const own = lines.filter(({ tty }) => !others.has(tty));
  const reading = own.length > 0 || lines.length === ttys.length;
  if (own.length > 0) state.lineAt = asked;
  const look: Look = {
    now,
    settled: (since) => !reading && (asked >= since + settledMs || state.lineAt >= since),
    unread: (own.length > 0 ? own : lines).some(({ is }) => is === 'unread'),
    reading,
  };
  keepFirst(state, look);
  if (reading && state.calm) Object.assign(state, { calm: false, since: asked });
  if (!look.settled(state.since)) return;
  Object.assign(state, { calm: true, others: new Set(lines.map(({ tty }) => tty)) });
}

interface Look {
  readonly now: number;
  /** Whether a raw terminal reads what was typed after this Enter. */
  settled(since: number): boolean;
  readonly unread: boolean;
  /** Whether a program in line mode is what reads. */
  readonly reading: boolean;
}

/** Decides what waits, in order, up to the first piece that has to wait on. */
function keepFirst(state: State, look: Look): void {
  const { waiting, asked } = state;
  for (let piece = waiting[0]; piece !== undefined; piece = waiting[0]) {
    const line = lineOf(waiting, piece);
    if (line.some(({ row, at }) => row !== undefined || at > asked)) return;
    const keep = piece.since === undefined ? true : verdict(state, line, piece.since, look);
    if (keep === undefined) return;
    for (const each of waiting.splice(0, line.length)) settle(state, each, keep, 'unseen');
  }
}

/** What is decided as one: a whole line that was typed ahead; otherwise a single piece. */
function lineOf(waiting: readonly Piece[], first: Piece): readonly Piece[] {
  const end = first.since === undefined ? -1 : waiting.findIndex(({ ends }) => ends);
  return end < 0 ? [first] : waiting.slice(0, end + 1);
}

/** Rule 3. @returns undefined where it has to wait. */
function verdict(state: State, line: readonly Piece[], since: number, look: Look): boolean | undefined {
  const [first, last] = [line[0] as Piece, line.at(-1) as Piece];
  const whole = last.ends;
  const settled = look.settled(since);
  if (settled && !whole) return true;
  const text = line.map((piece) => piece.text).join('');
  if (first.printed === undefined && state.out.wasPrinted(text, first.from)) first.printed = look.now;
  const { printed } = first;
  // Printed before this look began, so it had reached the terminal; and nothing is left there to read.
  const wasRead = whole && look.reading && !look.unread && printed !== undefined && state.asked >= printed;
  if (wasRead) return true;
  return settled || look.now - last.at >= longestWaitMs ? printed !== undefined : undefined;
}

/** Rule 5. */
function overflow(state: State): void {
  for (const piece of state.waiting.splice(0))
    settle(state, piece, piece.since === undefined || state.out.wasPrinted(piece.text, piece.from), 'unseen');
  state.size = 0;
}

function settle(state: State, { text, at }: Piece, keep: boolean, why: NotKept): void {
  if (!keep) return drop(state, text, at, why);
  flush(state);
  state.out.keep(text, at);
}

function drop(state: State, text: string, at: number, why: NotKept): void {
  if (state.lost?.why !== why) flush(state);
  state.lost = { keys: (state.lost?.keys ?? 0) + countKeys(text), why, at: state.lost?.at ?? at };
}

/** Rule 2. */
function flush(state: State): void {
  const { lost } = state;
  state.lost = undefined;
  if (lost !== undefined) state.out.notKept(lost.keys, lost.why, lost.at);
}
