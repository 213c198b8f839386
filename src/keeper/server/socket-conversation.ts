// The keeper's side of one conversation over a socket: it sends messages and questions, and notices that the person has gone.
//
// 1. Only messages that parse, and that may come at this point, are accepted; anything else closes the socket (law 1).
// 2. A person who leaves or cancels aborts whatever was begun for them. Accident: a device login goes on although nobody waits for it.
// 3. Of the dashboard frames that a gate is too slow to take, only the newest is kept. Attack: a stopped client fills the keeper's memory.
import type { Socket } from 'node:net';
import { Refused } from '../../core/refusal.ts';
import type { DashboardFrame, DashboardKey } from '../../wire/dashboard-messages.ts';
import { keeperReads, lineCutter } from '../../wire/frames.ts';
import { readFromGate, writeMessage, type FromGate, type Shown, type ToGate } from '../../wire/messages.ts';
import type { Conversation } from '../conversation.ts';

/** A conversation, and the message that says what it is for. */
export interface Opened {
  readonly conversation: Conversation;
  /** Resolves with the first message; with undefined when it did not parse or did not come within five seconds. */
  readonly first: Promise<FromGate | undefined>;
}

const firstMessageMs = 5_000;

/** Reads messages from a new socket. The conversation is gone when the person cancels or the socket closes (rule 2). */
export function openConversation(socket: Socket): Opened {
  const leave = new AbortController();
  const heard = new Inbox(leave);
  listen(socket, heard);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  void closed.then(() => leave.abort(new Refused('CANCELLED', {}, 'the line closed')));
  const send = (message: ToGate): void => {
    if (socket.writable) socket.write(writeMessage(message));
  };
  return {
    conversation: conversationOn({ socket, send, inbox: heard, gone: leave.signal, closed }),
    first: heard.first(),
  };
}

function listen(socket: Socket, inbox: Inbox): void {
  const cut = lineCutter(keeperReads);
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (piece: string) => {
    try {
      for (const text of cut(piece)) if (!inbox.take(readFromGate(text))) socket.destroy();
    } catch {
      socket.destroy();
    }
  });
}

/** Messages of one gate: first its `hello` or `rejoin`, then answers and reports. */
class Inbox {
  readonly #leave: AbortController;
  #first: ((message: FromGate | undefined) => void) | undefined;
  #answers = new Map<number, (text: string) => void>();
  #report: (message: Extract<FromGate, { t: 'attached' | 'stopped' | 'look' | 'ended' }>) => void = () => undefined;
  #key: ((key: DashboardKey) => void) | undefined;
  #shown: ((shown: Shown) => void) | undefined;
  #inner: AbortController | undefined;
  #asked = 0;

  constructor(leave: AbortController) {
    this.#leave = leave;
  }

  first(): Promise<FromGate | undefined> {
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(undefined), firstMessageMs);
      this.#leave.signal.addEventListener('abort', () => resolve(undefined));
      this.#first = (message) => {
        clearTimeout(late);
        resolve(message);
      };
    });
  }

  /** @returns whether the message was one that may come now. */
  take(message: FromGate | undefined): boolean {
    if (message === undefined) return false;
    if (this.#first !== undefined) {
      this.#first(message);
      this.#first = undefined;
      return message.t === 'hello' || message.t === 'rejoin';
    }
    return this.#hear(message);
  }

  #hear(message: FromGate): boolean {
    switch (message.t) {
      case 'answer':
        this.#answers.get(message.n)?.(message.text);
        return this.#answers.delete(message.n);
      case 'cancel':
        this.#cancel();
        return true;
      case 'leave':
        this.#inner?.abort(new Refused('CANCELLED'));
        this.#key?.(message);
        return this.#key !== undefined;
      case 'act':
        this.#key?.(message);
        return this.#key !== undefined;
      case 'shown':
        this.#shown?.(message);
        return this.#shown !== undefined;
      case 'attached':
      case 'stopped':
      case 'look':
      case 'ended':
        this.#report(message);
        return true;
      case 'hello':
      case 'rejoin':
        return false;
    }
  }

  #cancel(): void {
    const whose = this.#inner ?? (this.#key === undefined ? this.#leave : undefined);
    whose?.abort(new Refused('CANCELLED'));
  }

  onKey(hear: (key: DashboardKey) => void): void {
    this.#key = hear;
  }

  onShown(hear: (shown: Shown) => void): void {
    this.#shown = hear;
  }

  /** Which conversation a cancel ends from now on: an inner one of the dashboard, or (undefined) the whole one. */
  cancels(inner: AbortController | undefined): void {
    this.#inner = inner;
  }

  expect(take: (text: string) => void): number {
    this.#answers.set(++this.#asked, take);
    return this.#asked;
  }

  onReport(hear: (message: Extract<FromGate, { t: 'attached' | 'stopped' | 'look' | 'ended' }>) => void): void {
    this.#report = hear;
  }
}

interface Side {
  readonly socket: Socket;
  send(message: ToGate): void;
  readonly inbox: Inbox;
  readonly gone: AbortSignal;
  readonly closed: Promise<void>;
}

function conversationOn(side: Side): Conversation {
  const { socket, inbox, gone, closed } = side;
  const send = (message: ToGate): void => side.send(message);
  return {
    ...dashboardOn(side),
    gone,
    closed,
    heard: () => send({ t: 'calm' }),
    out: (lines) => send({ t: 'say', to: 'out', lines }),
    note: (lines) => send({ t: 'say', to: 'note', lines }),
    ask: async (prompt, how) =>
      unlessGone(gone, new Promise((resolve) => send({ t: 'ask', n: inbox.expect(resolve), prompt, ...how }))),
    wait: async (text, until, task, request) => {
      gone.throwIfAborted();
      send({
        t: 'wait',
        text,
        ...(until === undefined ? {} : { until }),
        ...(request === undefined ? {} : { request }),
      });
      const result = await unlessGone(gone, task(gone));
      send({ t: 'calm' });
      return result;
    },
    bell: () => send({ t: 'bell' }),
    refuse: ({ code, exit, say, hint }) => send({ t: 'refuse', code, exit, say, hint }),
    done: (exit) => send({ t: 'done', exit }),
    go: send,
    deadline: (end, expired) => send({ t: 'deadline', end, expired }),
    input: (rule) => send({ t: 'input', rule }),
    looked: send,
    picture: (text) => send({ t: 'picture', text }),
    onShown: (hear) => inbox.onShown(hear),
    cut: (lines, exit) => send({ t: 'cut', lines, exit }),
    onReport: (hear) => inbox.onReport(hear),
    taken: async () => untilTaken(socket, closed),
    close: () => socket.destroySoon(),
  };
}

type DashboardSide = Pick<Conversation, 'dashboard' | 'onKey' | 'within'>;

function dashboardOn(side: Side): DashboardSide {
  const { socket, inbox, gone } = side;
  let newest: DashboardFrame | undefined;
  const flush = (): void => {
    if (newest !== undefined) side.send(newest);
    newest = undefined;
  };
  return {
    // Rule 3.
    dashboard: (frame) => {
      if (newest === undefined && socket.writableNeedDrain) socket.once('drain', flush);
      newest = frame;
      if (!socket.writableNeedDrain) flush();
    },
    onKey: (hear) => inbox.onKey(hear),
    within: async (talk) => {
      const inner = new AbortController();
      inbox.cancels(inner);
      try {
        return await talk(conversationOn({ ...side, gone: AbortSignal.any([gone, inner.signal]) }));
      } finally {
        inbox.cancels(undefined);
      }
    },
  };
}

/** Resolves when the socket has taken what was written to it, or has closed. */
async function untilTaken(socket: Socket, closed: Promise<void>): Promise<void> {
  if (!socket.writableNeedDrain) return;
  await Promise.race([new Promise<void>((resolve) => socket.once('drain', resolve)), closed]);
}

/** @throws the reason of `gone` when it aborts before the task ends */
async function unlessGone<T>(gone: AbortSignal, task: Promise<T>): Promise<T> {
  gone.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const leave = (): void => reject(gone.reason as Error);
    gone.addEventListener('abort', leave, { once: true });
    task.then(resolve, reject).finally(() => gone.removeEventListener('abort', leave));
  });
}
