// A board on a terminal: shows what the keeper tells, hears keys, counts seconds down; for the gate and for the CLI.
//
// 1. Nothing is queued for a terminal that takes no bytes: what comes meanwhile is dropped, and the newest is drawn when it takes
//    some again.
// 2. The terminal is put right whenever the board goes: for a conversation, at the end, or with the process.
import type { DashboardFrame, DashboardKey } from './dashboard-messages.ts';
import { drawDashboard, type Row } from './dashboard-draw.ts';
import { enterScreen, leaveScreen, paintChanges } from './dashboard-paint.ts';
import { heard, typed, type DashboardState } from './dashboard-state.ts';
import { keyReader, type Key } from './keys.ts';

/** The terminal, as a board needs it. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
  /** False when it takes no more until `drained`. */
  write(text: string): boolean;
  /** Instant, milliseconds. */
  now(): number;
  /** Keys one by one from now on, and what else happens; undone by what it returns. */
  hold(events: TerminalEvents): () => void;
}

export interface TerminalEvents {
  /** Bytes that were typed; undefined when there will be no more. */
  readonly typed: (piece: Uint8Array | undefined) => void;
  readonly drained: () => void;
  readonly resized: () => void;
  /** Once a second. */
  readonly tick: () => void;
}

export interface Dashboard {
  show(frame: DashboardFrame): void;
  /** Off the screen; what was selected stays. */
  close(): void;
}

export function openDashboard(terminal: Terminal, send: (key: DashboardKey) => void): Dashboard {
  let view: { board: DashboardState; readonly screen: Screen } | undefined;
  let kept: DashboardState | undefined;
  const draw = (): void => view?.screen.draw(view.board);
  const hear = (key: Key): void => {
    // A board that went off the screen with one key hears none of those behind it.
    if (view === undefined) return;
    const step = typed(view.board, key, view.screen.shows(view.board));
    view.board = step.board;
    if (step.repaint === true) view.screen.forget();
    draw();
    const { columns: cols, rows } = sizeOf(terminal);
    if (step.act !== undefined) send({ t: 'act', n: step.board.sent, ...step.act, cols, rows });
    if (step.leave === true) send({ t: 'leave' });
  };
  return {
    show: (frame) => {
      const { board: dashboard, bell } = heard(view?.board ?? kept, frame);
      const screen = view?.screen ?? openScreen(terminal, hear, draw, () => send({ t: 'leave' }));
      view = { board: dashboard, screen };
      draw();
      if (bell) screen.ring();
    },
    close: () => {
      if (view === undefined) return;
      kept = view.board;
      view.screen.close();
      view = undefined;
    },
  };
}

function sizeOf({ columns, rows }: Terminal): { readonly columns: number; readonly rows: number } {
  return { columns: Math.max(1, columns), rows: Math.max(1, rows) };
}

interface Screen {
  draw(dashboard: DashboardState): void;
  shows(dashboard: DashboardState): boolean;
  /** Draws all of it the next time. */
  forget(): void;
  ring(): void;
  close(): void;
}

/** Rule 1. */
function openScreen(terminal: Terminal, hear: (key: Key) => void, draw: () => void, end: () => void): Screen {
  let lines: readonly Row[] = [];
  let drawn: DashboardState | undefined;
  let ready = true;
  const write = (text: string): void => {
    if (text !== '') ready = terminal.write(text);
  };
  const forget = (): void => {
    lines = [];
  };
  const read = keyReader();
  const release = terminal.hold({
    typed: (piece) => (piece === undefined ? end() : read(piece).forEach(hear)),
    drained: () => {
      ready = true;
      draw();
    },
    resized: () => {
      forget();
      draw();
    },
    tick: draw,
  });
  write(enterScreen);
  return {
    draw: (dashboard) => {
      if (!ready) return;
      const next = drawDashboard(dashboard, { ...sizeOf(terminal), now: terminal.now() });
      const wipe = lines.length === 0 ? '\u001b[2J' : '';
      const changes = paintChanges(lines, next, terminal.colour);
      [lines, drawn] = [next, dashboard];
      write(wipe + changes);
    },
    shows: (dashboard) => ready && drawn === dashboard,
    forget,
    ring: () => {
      if (ready) write('\u0007');
    },
    // Rule 2.
    close: () => {
      terminal.write(leaveScreen);
      release();
    },
  };
}
