// The dashboard on a terminal, for the gate and for the CLI: shows the keeper's messages, reads keys, counts seconds.
//
// 1. Nothing is queued for a terminal that takes no more bytes: frames are dropped meanwhile, and the newest is drawn once the terminal
//    takes bytes again. Accident: a stopped terminal makes the gate's memory grow.
// 2. The terminal is restored whenever the dashboard leaves the screen: for a conversation, at the end, or with the process. Accident:
//    a shell without cursor or line wrapping.
import type { DashboardFrame, DashboardKey } from './dashboard-messages.ts';
import { drawDashboard, type Row } from './dashboard-draw.ts';
import { enterScreen, leaveScreen, paintChanges } from './dashboard-paint.ts';
import { heard, typed, type DashboardState } from './dashboard-state.ts';
import { keyReader, type Key } from './keys.ts';

/** What the dashboard needs of a terminal. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
  /** Returns false when the terminal takes no more until `drained`. */
  write(text: string): boolean;
  /** Instant, milliseconds. */
  now(): number;
  /** Reports each key as it is typed, and the other events, from now on. Returns a function that ends this. */
  hold(events: TerminalEvents): () => void;
}

/** What the terminal reports. */
export interface TerminalEvents {
  /** Bytes that were typed; undefined at the end of input. */
  readonly typed: (piece: Uint8Array | undefined) => void;
  readonly drained: () => void;
  readonly resized: () => void;
  /** Once a second. */
  readonly tick: () => void;
}

/** What the caller does with the dashboard. */
export interface Dashboard {
  show(frame: DashboardFrame): void;
  /** Takes the dashboard off the screen. The selection is kept for the next `show`. */
  close(): void;
}

/** Makes a dashboard. It takes the screen with the first frame. @param send sends a key that acts or leaves to the keeper */
export function openDashboard(terminal: Terminal, send: (key: DashboardKey) => void): Dashboard {
  let view: { dashboard: DashboardState; readonly screen: Screen } | undefined;
  let kept: DashboardState | undefined;
  const draw = (): void => view?.screen.draw(view.dashboard);
  const hear = (key: Key): void => {
    // Keys that come after the dashboard has left the screen are dropped.
    if (view === undefined) return;
    const step = typed(view.dashboard, key, view.screen.shows(view.dashboard));
    view.dashboard = step.dashboard;
    if (step.repaint === true) view.screen.forget();
    draw();
    const { columns: cols, rows } = sizeOf(terminal);
    if (step.act !== undefined) send({ t: 'act', n: step.dashboard.sent, ...step.act, cols, rows });
    if (step.leave === true) send({ t: 'leave' });
  };
  return {
    show: (frame) => {
      const { dashboard, bell } = heard(view?.dashboard ?? kept, frame);
      const screen = view?.screen ?? openScreen(terminal, hear, draw, () => send({ t: 'leave' }));
      view = { dashboard, screen };
      draw();
      if (bell) screen.ring();
    },
    close: () => {
      if (view === undefined) return;
      kept = view.dashboard;
      view.screen.close();
      view = undefined;
    },
  };
}

function sizeOf({ columns, rows }: Terminal): { readonly columns: number; readonly rows: number } {
  return { columns: Math.max(1, columns), rows: Math.max(1, rows) };
}

interface Screen {
  /** Draws what has changed, unless the terminal takes no bytes. */
  draw(dashboard: DashboardState): void;
  /** Whether the terminal shows exactly this state. */
  shows(dashboard: DashboardState): boolean;
  /** Draws everything the next time. */
  forget(): void;
  ring(): void;
  close(): void;
}

/** Takes the screen of the terminal, and draws at most as fast as it takes bytes (rule 1). @param end called at the end of input */
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
    // Rule 2: written even when the terminal takes no bytes now.
    close: () => {
      terminal.write(leaveScreen);
      release();
    },
  };
}
