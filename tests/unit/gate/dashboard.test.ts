import { expect, jest, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { dashboardOn } from '../../../src/gate/dashboard.ts';
import { lateDashboard } from '../../../src/gate/late-dashboard.ts';
import type { EditLine } from '../../../src/gate/late-line-editor.ts';
import { editLine } from '../../../src/gate/line-editor.ts';
import { keyboardOn } from '../../../src/gate/terminal.ts';
import type { DashboardFrame, DashboardKey } from '../../../src/wire/dashboard-messages.ts';
import { frame, requestRow } from '../wire/dashboard-sample.ts';

const edit: EditLine = (prompt) => editLine(prompt, new PassThrough());

/** A terminal's output that takes what it is given when it is told to. */
class BreakGlassState extends EventEmitter {
  columns = 80;
  rows = 10;
  writableLength = 0;
  text = '';
  stuck = false;
  blocking: boolean[] = [];
  readonly _handle = { setBlocking: (on: boolean) => void this.blocking.push(on) };
  #waiting: (() => void)[] = [];

  write(text: string, taken: () => void): boolean {
    this.text += text;
    this.writableLength = this.stuck ? this.writableLength + text.length : 0;
    if (this.stuck) this.#waiting.push(taken);
    else queueMicrotask(taken);
    return true;
  }

  flow(): void {
    this.stuck = false;
    const taken = this.#waiting.splice(0);
    this.writableLength = 1;
    taken.slice(0, -1).forEach((told) => told());
    this.writableLength = 0;
    taken.at(-1)?.();
  }
}

function watch(out: BreakGlassState = new BreakGlassState()) {
  const source = Object.assign(new PassThrough(), { setRawMode: jest.fn() });
  const sent: DashboardKey[] = [];
  const dashboard = dashboardOn(out, keyboardOn(source, true, edit), (key) => void sent.push(key));
  return { out, source, sent, dashboard };
}

test('draws on the terminal without blocking on it, hears its keys and its size, and gives it back', async () => {
  const { out, source, sent, dashboard } = watch();
  dashboard.show(frame({ requests: [requestRow('ONE111')] }));
  expect(out.text).toContain('ONE111');
  expect(source.setRawMode.mock.calls).toEqual([[true]]);
  source.write('ja');
  await turn();
  expect(sent).toEqual([{ t: 'act', n: 1, verb: 'approve', id: 'ONE111', cols: 80, rows: 10 }]);
  [out.columns, out.rows, out.text] = [40, 5, ''];
  out.emit('resize');
  expect(out.text).toContain('ONE111');
  dashboard.close();
  expect([out.listenerCount('resize'), out.blocking]).toEqual([0, [false, true]]);
  expect(source.setRawMode.mock.calls.at(-1)).toEqual([false]);
});

test('counts down by itself', () => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] });
  const { out, dashboard } = watch();
  const row = requestRow('ONE111');
  dashboard.show(frame({ requests: [{ ...row, cells: [{ text: 'ONE111' }, { since: Date.now() }] }] }));
  out.text = '';
  jest.advanceTimersByTime(7_000);
  expect(out.text).toContain('7');
  dashboard.close();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test('a terminal that takes no bytes gets nothing more until it has taken what it was given', () => {
  const { out, dashboard } = watch();
  out.stuck = true;
  dashboard.show(frame());
  dashboard.show(frame({ requests: [requestRow('ONE111')] }));
  expect(out.text).not.toContain('ONE111');
  out.flow();
  expect(out.text).toContain('ONE111');
  out.stuck = true;
  dashboard.show(frame({ requests: [requestRow('TWO222')] }));
  dashboard.close();
  out.flow();
});

test('an output without a handle is left as it is', () => {
  const out = Object.assign(new BreakGlassState(), { _handle: undefined });
  const { dashboard } = watch(out);
  dashboard.show(frame());
  dashboard.close();
});

test('is loaded by the first frame, once, and shows the newest; not one that was closed meanwhile', async () => {
  const shown: (DashboardFrame | string)[] = [];
  let loads = 0;
  const load = async () => {
    loads++;
    await turn();
    return { show: (one: DashboardFrame) => void shown.push(one), close: () => void shown.push('closed') };
  };
  const [first, second, third] = [frame(), frame({ answered: 2 }), frame({ answered: 3 })];
  const late = lateDashboard(load);
  late.close();
  expect(loads).toBe(0);
  late.show(first);
  late.show(second);
  await turn();
  await turn();
  late.show(third);
  late.close();
  expect([loads, shown]).toEqual([1, [second, third, 'closed']]);
  const closed = lateDashboard(load);
  closed.show(first);
  closed.close();
  await turn();
  await turn();
  expect(shown.length).toBe(3);
});
