// A live connection on an auditor's terminal: printed as it comes, and no key goes anywhere.
import { describe, expect, jest, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { pictureViewOn } from '../../../src/gate/picture-view.ts';
import { editLine } from '../../../src/gate/line-editor.ts';
import { keyboardOn } from '../../../src/gate/terminal.ts';
import { enterScreen, leaveScreen } from '../../../src/wire/dashboard-paint.ts';
import type { FromGate } from '../../../src/wire/messages.ts';

/** A terminal's output that takes what it is given when it is told to. */
class Out extends EventEmitter {
  columns = 80;
  rows = 10;
  text = '';
  taken: (() => void)[] = [];
  blocking: boolean[] = [];
  readonly _handle = { setBlocking: (on: boolean) => void this.blocking.push(on) };

  write(text: string, taken: () => void): boolean {
    this.text += text;
    this.taken.push(taken);
    return true;
  }

  take(): void {
    for (const taken of this.taken.splice(0)) taken();
  }
}

function open() {
  const out = new Out();
  const source = Object.assign(new PassThrough(), { setRawMode: jest.fn() });
  const sent: FromGate[] = [];
  const keyboard = keyboardOn(source, true, (prompt) => editLine(prompt, new PassThrough()));
  const view = pictureViewOn(out, keyboard, (message) => void sent.push(message));
  return { out, source, sent, view };
}

const shown = { t: 'shown', cols: 80, rows: 10 } as const;

test('takes the screen once, and asks for the next part when the terminal has taken one', () => {
  const { out, sent, view } = open();
  expect(view.isOpen).toBe(false);
  view.show('one');
  expect([out.text, sent, view.isOpen]).toEqual([`${enterScreen}one`, [], true]);
  out.take();
  view.show('two');
  out.take();
  expect([out.text, sent]).toEqual([`${enterScreen}onetwo`, [shown, shown]]);
});

test('attack: whatever is typed, only q, Ctrl-C, Ctrl-D and the end of input are told, and only that they leave', async () => {
  const { source, sent, view } = open();
  view.show('one');
  for (const keys of ['rm -rf /\r', '\u001b[A', '\u001b[200~ls\r\u001b[201~', '\u0002d', '\u001b]52;c;eA==\u0007'])
    source.write(keys);
  await turn();
  expect(sent).toEqual([]);
  for (const key of ['q', 'Q', '\u0003', '\u0004']) {
    source.write(key);
    await turn();
    expect(sent.splice(0)).toEqual([{ t: 'leave' }]);
  }
  source.end();
  await turn();
  expect(sent).toEqual([{ t: 'leave' }]);
});

test('a new size is told at once, or with the part that is under way', () => {
  const { out, sent, view } = open();
  view.show('one');
  out.columns = 100;
  out.emit('resize');
  expect(sent).toEqual([]);
  out.take();
  out.columns = 120;
  out.emit('resize');
  expect(sent).toEqual([
    { ...shown, cols: 100 },
    { ...shown, cols: 120 },
  ]);
});

test('gives the terminal back, and hears nothing more', async () => {
  const { out, source, sent, view } = open();
  view.close();
  expect(out.text).toBe('');
  view.show('one');
  out.take();
  view.close();
  view.close();
  expect(out.text).toBe(`${enterScreen}one${leaveScreen}`);
  expect([out.blocking, view.isOpen, out.listenerCount('resize')]).toEqual([[false, true], false, 0]);
  expect(source.setRawMode.mock.calls.at(-1)).toEqual([false]);
  out.take();
  source.write('q');
  await turn();
  expect(sent).toEqual([shown]);
});

describe('a terminal that has not taken the last part when something else is shown', () => {
  /** Whether the end of the process is still held up. */
  async function isWaiting(settled: Promise<void>): Promise<boolean> {
    let isOver = false;
    void settled.then(() => (isOver = true));
    await turn();
    return !isOver;
  }

  test('stays without blocking, so that the process can end, and sends nothing more', () => {
    const { out, sent, view } = open();
    view.show('one');
    view.close();
    expect(out.blocking).toEqual([false]);
    out.take();
    expect(sent).toEqual([]);
  });

  test('is waited for until it has taken its restoration and what was written since', async () => {
    const { out, view } = open();
    view.show('one');
    view.close();
    out.write('why it ended', () => undefined);
    const settled = view.settled();
    expect(await isWaiting(settled)).toBe(true);
    out.take();
    expect(await isWaiting(settled)).toBe(false);
    expect(out.text).toBe(`${enterScreen}one${leaveScreen}why it ended`);
  });

  test('attack: a stopped ssh client keeps the gate for a minute and not for ever', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    try {
      const { view } = open();
      view.show('one');
      view.close();
      const settled = view.settled();
      await jest.advanceTimersByTimeAsync(59_999);
      expect(await isWaiting(settled)).toBe(true);
      await jest.advanceTimersByTimeAsync(1);
      expect(await isWaiting(settled)).toBe(false);
    } finally {
      jest.useRealTimers();
    }
  });

  test('is the only one that is waited for', async () => {
    const { out, view } = open();
    await view.settled();
    view.show('one');
    out.take();
    view.close();
    await view.settled();
    expect(out.taken).toHaveLength(1);
  });
});
