import { expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { openConversation } from '../../../src/keeper/server/socket-conversation.ts';
import type { Conversation } from '../../../src/keeper/conversation.ts';
import { readToGate, writeMessage, type FromGate } from '../../../src/wire/messages.ts';
import { hello } from '../gate/sample.ts';
import { frame, requestRow } from '../wire/dashboard-sample.ts';

/** A gate's socket that can be full. */
class Wire extends EventEmitter {
  writable = true;
  writableNeedDrain = false;
  destroyed = false;
  readonly said: unknown[] = [];
  setEncoding = (): void => undefined;
  write = (text: string): boolean => this.said.push(readToGate(text.trimEnd())) > 0;
  destroy = (): void => {
    this.destroyed = true;
  };
  hear = (message: FromGate): boolean => this.emit('data', writeMessage(message));
}

function open(): { wire: Wire; door: Conversation } {
  const wire = new Wire();
  const { conversation: door } = openConversation(wire as unknown as Socket);
  wire.hear(hello);
  return { wire, door };
}

const act = { t: 'act', n: 1, verb: 'approve', id: 'K7QF', cols: 80, rows: 24 } as const;

test('of boards that a gate does not take only the newest is kept', () => {
  const { wire, door } = open();
  wire.writableNeedDrain = true;
  for (let n = 0; n < 1000; n++) door.dashboard(frame({ requests: [requestRow(`R${n}`)] }));
  expect([wire.said, wire.listenerCount('drain')]).toEqual([[], 1]);
  wire.writableNeedDrain = false;
  wire.emit('drain');
  expect(wire.said).toEqual([frame({ requests: [requestRow('R999')] })]);
  door.dashboard(frame());
  expect(wire.said.length).toBe(2);
});

test('law 1: a key on a dashboard that nobody watches closes the socket', () => {
  for (const message of [act, { t: 'leave' } as const]) {
    const { wire } = open();
    wire.hear(message);
    expect(wire.destroyed).toBe(true);
  }
});

test('a cancel ends the conversation within, and the one around it goes on', async () => {
  const { wire, door } = open();
  door.onKey(() => undefined);
  const within = door.within(async (inner) =>
    inner.wait('Waiting', undefined, async () => new Promise(() => undefined)),
  );
  wire.hear({ t: 'cancel' });
  await expect(within).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(door.gone.aborted).toBe(false);
  wire.hear({ t: 'cancel' });
  expect([door.gone.aborted, wire.destroyed]).toEqual([false, false]);
  wire.emit('close');
  await door.closed;
  expect(door.gone.aborted).toBe(true);
});

test('who leaves the dashboard cancels what goes on within as well', async () => {
  const { wire, door } = open();
  const keys: string[] = [];
  door.onKey(({ t }) => keys.push(t));
  const within = door.within(async (inner) => inner.ask('Reason: '));
  wire.hear({ t: 'leave' });
  await expect(within).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(keys).toEqual(['leave']);
});

test('pictures go out as they are given, and what the terminal has taken is heard; unasked, it closes the socket', () => {
  const { wire, door } = open();
  const shown = { t: 'shown', cols: 100, rows: 30 } as const;
  const heard: unknown[] = [];
  door.onShown((message) => heard.push(message));
  door.picture('\u001b[1;1Hone');
  wire.hear(shown);
  expect([wire.said, heard, wire.destroyed]).toEqual([[{ t: 'picture', text: '\u001b[1;1Hone' }], [shown], false]);
  const other = open();
  other.wire.hear(shown);
  expect(other.wire.destroyed).toBe(true);
});
