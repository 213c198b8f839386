// `tmux-gate watch`: the dashboard on root's own terminal, with the same keys as over ssh. During a conversation (a device login), `q`,
// Ctrl-C and Ctrl-D go back to the dashboard.
import { openDashboard, type Dashboard, type TerminalEvents } from '../wire/dashboard-controller.ts';
import { typedPlainness } from './typed-plainness.ts';
import type { DashboardFrame } from '../wire/dashboard-messages.ts';
import type { FromGate } from '../wire/messages.ts';

/** The dashboard, as a conversation with the keeper needs it. */
export interface DashboardScreen {
  show(frame: DashboardFrame): void;
  /** Takes the dashboard off the screen for a conversation. */
  aside(): void;
  /** Takes it off the screen and restores the terminal. */
  end(): void;
}

const cancelKeys = /[qQ\u0003\u0004]/;
const tickMs = 1000;

/** A dashboard on stdin and stdout, which it takes with the first frame. */
export function dashboardScreen(send: (message: FromGate) => void): DashboardScreen {
  const { stdin, stdout } = process;
  let events: TerminalEvents | undefined;
  let begun = false;
  const dashboard: Dashboard = openDashboard(
    {
      colour: typedPlainness().colour,
      get columns() {
        return stdout.columns;
      },
      get rows() {
        return stdout.rows;
      },
      now: Date.now,
      write: (text) => stdout.write(text),
      hold: (heard) => {
        events = heard;
        stdout.on('drain', heard.drained).on('resize', heard.resized);
        const timer = setInterval(heard.tick, tickMs);
        return () => {
          events = undefined;
          clearInterval(timer);
          stdout.off('drain', heard.drained).off('resize', heard.resized);
        };
      },
    },
    send,
  );
  const hear = (piece: Buffer): void => {
    if (events !== undefined) events.typed(piece);
    else if (cancelKeys.test(piece.toString('latin1'))) send({ t: 'cancel' });
  };
  const end = (): void => {
    if (!begun) return;
    begun = false;
    dashboard.close();
    stdin.off('data', hear).pause();
    stdin.setRawMode(false);
  };
  const begin = (): void => {
    if (begun) return;
    begun = true;
    stdin.setRawMode(true);
    stdin.on('data', hear).resume();
    stdin.once('end', () => send({ t: 'leave' }));
    process.once('exit', end);
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  };
  return {
    show: (frame) => {
      begin();
      dashboard.show(frame);
    },
    aside: () => dashboard.close(),
    end,
  };
}
