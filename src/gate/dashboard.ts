// The dashboard on the caller's terminal. It decides nothing: it draws what the keeper sends, and sends the keys that act.
import { openDashboard, type Dashboard, type Terminal, type TerminalEvents } from '../wire/dashboard-controller.ts';
import type { DashboardKey } from '../wire/dashboard-messages.ts';
import type { Keyboard } from './terminal.ts';
import { setBlocking } from './tty-handle.ts';

/** The part of `process.stdout` that the dashboard uses. */
export interface Out {
  readonly columns: number;
  readonly rows: number;
  readonly writableLength: number;
  write(text: string, taken: () => void): boolean;
  on(event: 'resize', hear: () => void): unknown;
  off(event: 'resize', hear: () => void): unknown;
}

/** The dashboard on this terminal. @param send sends a key to the keeper */
export function dashboardOn(out: Out, keyboard: Keyboard, send: (key: DashboardKey) => void): Dashboard {
  return openDashboard(glassOn(out, keyboard), send);
}

const tickMs = 1000;

function glassOn(out: Out, keyboard: Keyboard): Terminal {
  let events: TerminalEvents | undefined;
  return {
    colour: true,
    get columns() {
      return out.columns;
    },
    get rows() {
      return out.rows;
    },
    now: Date.now,
    write: (text) => {
      let waits = false;
      out.write(text, () => {
        if (waits && out.writableLength === 0) events?.drained();
      });
      waits = out.writableLength > 0;
      return !waits;
    },
    hold: (heard) => {
      events = heard;
      setBlocking(out, false); // a stopped terminal would block the whole process
      keyboard.keys(heard.typed);
      out.on('resize', heard.resized);
      const timer = setInterval(heard.tick, tickMs);
      return () => {
        events = undefined;
        clearInterval(timer);
        out.off('resize', heard.resized);
        keyboard.rest();
        setBlocking(out, true);
      };
    },
  };
}
