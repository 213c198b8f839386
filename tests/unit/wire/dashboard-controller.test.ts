import { describe, expect, test } from '@jest/globals';
import xterm from '@xterm/headless';
import { openDashboard, type Dashboard, type TerminalEvents } from '../../../src/wire/dashboard-controller.ts';
import type { DashboardKey } from '../../../src/wire/dashboard-messages.ts';
import { frame, now, requestRow } from './dashboard-sample.ts';

interface Seen {
  readonly dashboard: Dashboard;
  readonly sent: DashboardKey[];
  readonly events: () => TerminalEvents;
  /** Everything that was written. */
  readonly written: () => string;
  readonly held: () => boolean;
  /** Whether the terminal takes bytes. */
  readonly takes: (yes: boolean) => void;
  readonly size: (columns: number, rows: number) => void;
  readonly rows: () => Promise<readonly string[]>;
  readonly screen: xterm.Terminal;
  readonly type: (text: string) => void;
}

function watch(columns = 80, height = 10): Seen {
  const screen = new xterm.Terminal({ cols: Math.max(1, columns), rows: Math.max(1, height), allowProposedApi: true });
  const sent: DashboardKey[] = [];
  let [written, takes, held] = ['', true, false];
  let size = [columns, height] as [number, number];
  let events: TerminalEvents | undefined;
  const dashboard = openDashboard(
    {
      colour: false,
      get columns() {
        return size[0];
      },
      get rows() {
        return size[1];
      },
      now: () => now,
      write: (text) => {
        written += text;
        screen.write(text);
        return takes;
      },
      hold: (heard) => {
        [events, held] = [heard, true];
        return () => {
          held = false;
        };
      },
    },
    (key) => sent.push(key),
  );
  return {
    ...{ dashboard, sent, screen },
    events: () => events!,
    written: () => written,
    held: () => held,
    takes: (yes) => {
      takes = yes;
    },
    size: (cols, rows) => {
      size = [cols, rows];
      screen.resize(cols, rows);
    },
    rows: async () => {
      await new Promise<void>((resolve) => screen.write('', resolve));
      const { active } = screen.buffer;
      return Array.from({ length: screen.rows }, (_, row) =>
        (active.getLine(row)?.translateToString(true) ?? '').trimEnd(),
      );
    },
    type: (text) => events!.typed(Buffer.from(text)),
  };
}

const requests = [requestRow('ONE111'), requestRow('TWO222')];

test('shows a dashboard on the alternate screen, and puts the terminal right', async () => {
  const { dashboard, rows, screen, held } = watch();
  dashboard.show(frame({ requests }));
  expect((await rows())[2]).toContain('  ONE111');
  expect(screen.buffer.active.type).toBe('alternate');
  expect(held()).toBe(true);
  dashboard.close();
  dashboard.close();
  await rows();
  expect([screen.buffer.active.type, screen.modes.bracketedPasteMode, held()]).toEqual(['normal', false, false]);
});

test('a key that acts is sent with the id that is selected and the size of the terminal', () => {
  const { dashboard, sent, type } = watch();
  dashboard.show(frame({ requests }));
  type('jja');
  expect(sent).toEqual([{ t: 'act', n: 1, verb: 'approve', id: 'TWO222', cols: 80, rows: 10 }]);
  type('aq');
  expect(sent.slice(1)).toEqual([{ t: 'leave' }]);
});

test('after a conversation it comes back with what was selected, drawn anew', async () => {
  const { dashboard, type, rows, events, sent } = watch();
  dashboard.show(frame({ requests }));
  type('j');
  dashboard.close();
  events().typed(Buffer.from('a'));
  events().tick();
  expect(sent).toEqual([]);
  dashboard.show(frame({ requests, answered: 1, says: ['Approved.'] }));
  expect((await rows())[2]).toMatch(/^> ONE111/);
});

test('the end of input leaves', () => {
  const { dashboard, events, sent } = watch();
  dashboard.show(frame());
  events().typed(undefined);
  expect(sent).toEqual([{ t: 'leave' }]);
});

test('a second in which nothing changes costs no byte; a terminal of another size is drawn anew', async () => {
  const { dashboard, events, written, size, rows } = watch();
  dashboard.show(frame({ requests }));
  const before = written().length;
  events().tick();
  expect(written().length).toBe(before);
  size(40, 6);
  events().resized();
  expect(await rows()).toEqual([
    '[Requests 2]  Grants 0   Connections 0',
    '  ID      WHO    SESSION',
    '  ONE111  alice  prod-db@prod-box',
    '  TWO222  alice  prod-db@prod-box',
    '',
    'j k  enter  a d r  tab  ? help  q quit',
  ]);
});

test('Ctrl-L draws all of it again', () => {
  const { dashboard, type, written } = watch();
  dashboard.show(frame({ requests }));
  const before = written().length;
  type('\f');
  expect(written().slice(before)).toContain('ONE111');
});

test('a terminal that says it has no size gets one of one', () => {
  const { dashboard, written } = watch(0, 0);
  dashboard.show(frame({ requests }));
  expect(written()).toContain('\u001b[1;1H');
});

test('the bell rings for a new request', () => {
  const { dashboard, written } = watch();
  dashboard.show(frame());
  expect(written()).not.toContain('\u0007');
  dashboard.show(frame({ requests }));
  expect(written()).toContain('\u0007');
});

describe('a terminal that takes no bytes', () => {
  test('queues nothing: of what comes meanwhile only the newest is drawn', async () => {
    const { dashboard, takes, events, written, rows } = watch();
    takes(false);
    dashboard.show(frame());
    const before = written().length;
    for (let n = 0; n < 1000; n++) dashboard.show(frame({ requests: [requestRow(`R${n}`)] }));
    events().tick();
    expect(written().length).toBe(before);
    takes(true);
    events().drained();
    expect((await rows())[2]).toContain('R999');
    expect(written()).not.toContain('R998');
  });

  test('attack: a key that acts on what the person cannot see yet does nothing', () => {
    const { dashboard, takes, type, sent, events } = watch();
    dashboard.show(frame({ requests }));
    takes(false);
    type('jja');
    expect(sent).toEqual([]);
    takes(true);
    events().drained();
    type('a');
    expect(sent).toEqual([expect.objectContaining({ id: 'TWO222' })]);
  });
});

test('keys before the first dashboard do nothing', () => {
  const { dashboard, sent } = watch();
  dashboard.close();
  expect(sent).toEqual([]);
});
