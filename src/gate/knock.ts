// The conversation: knock at the keeper, show what it says, ask what it asks, until it refuses, is done, or says "go".
//
// 1. Nothing the keeper did not say opens anything: a lost, silent or unknown answer refuses (law 1).
// 2. Whatever ends the conversation ends the visit: the keeper sees the socket close and cancels what it had begun. But who waits for
//    an answer when the keeper ends knocks at the next one, with the same words, and is judged anew (come-back.ts).
import { connect, type Socket } from 'node:net';
import { lineCutter, gateReads } from '../wire/frames.ts';
import { readToGate, writeMessage, type FromGate, type Go, type Hello, type ToGate } from '../wire/messages.ts';
import { comeBack } from './come-back.ts';
import type { BoardFace } from './late-board.ts';
import { refuseAlone, type Voice } from './say.ts';
import type { Keyboard } from './terminal.ts';

/** How long the keeper may take for its first word, which it says before anything else that it does: milliseconds. */
const firstWordMs = 10_000;

export interface Line {
  send(message: FromGate): void;
  /** The next message; undefined when the keeper is gone or speaks another language. */
  next(): Promise<ToGate | undefined>;
  close(): void;
}

/** Connects to a keeper's socket. @throws Error when nobody listens. */
export async function dial(path: string): Promise<Line> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
  });
  return lineOn(socket);
}

/** Messages of one socket, in order, one at a time. */
export function lineOn(socket: Socket): Line {
  const cut = lineCutter(gateReads);
  const waiting: (ToGate | undefined)[] = [];
  let wake: (() => void) | undefined;
  const push = (message: ToGate | undefined): void => {
    waiting.push(message);
    wake?.();
  };
  socket.setEncoding('utf8');
  socket.on('data', (piece: string) => {
    try {
      for (const text of cut(piece)) push(readToGate(text));
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => push(undefined));
  return {
    send: (message) => void socket.write(writeMessage(message)),
    next: async () => {
      if (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return waiting.shift();
    },
    close: () => socket.destroy(),
  };
}

export type Outcome = { readonly go: Go } | { readonly exit: number; readonly noFiles?: Refusal | undefined };

type Refusal = Extract<ToGate, { t: 'refuse' }>;

export interface Visit {
  line: Line;
  /** The request whose answer is waited for. */
  waits?: string | undefined;
  /** Knocks at the next keeper. @throws Error when none is there */
  redial(): Promise<Line>;
  readonly voice: Voice;
  readonly keyboard: Keyboard;
  readonly board: BoardFace;
  readonly host: string;
}

/** Holds the conversation to its end. */
export async function converse(visit: Visit, hello: Hello): Promise<Outcome> {
  let message = await greet(visit, hello);
  while (message !== undefined) {
    const outcome = hear(visit, message);
    if (outcome !== undefined) {
      visit.keyboard.drop();
      return outcome;
    }
    message = (await visit.line.next()) ?? (await comeBack(visit, hello));
  }
  return alone(visit, 'KEEPER_DOWN');
}

/** @returns the keeper's first word; undefined when none comes in time. */
export async function greet({ line }: Visit, hello: Hello): Promise<ToGate | undefined> {
  line.send(hello);
  const silence = setTimeout(() => line.close(), firstWordMs);
  const message = await line.next();
  clearTimeout(silence);
  return message;
}

function alone(visit: Visit, code: 'KEEPER_DOWN' | 'PROTOCOL'): Outcome {
  visit.board.close();
  return { exit: refuseAlone(visit.voice, code, { host: visit.host }) };
}

function hear(visit: Visit, message: ToGate): Outcome | undefined {
  if (message.t !== 'board') visit.board.close();
  if (message.t !== 'wait' && message.t !== 'board') visit.keyboard.rest();
  switch (message.t) {
    case 'say':
      visit.voice[message.to](message.lines);
      return undefined;
    case 'ask':
      visit.waits = undefined;
      answer(visit, message);
      return undefined;
    case 'wait':
      visit.waits = message.request;
      waitFor(visit, message.text, message.until);
      return undefined;
    case 'calm':
      visit.voice.calm();
      return undefined;
    case 'bell':
      visit.voice.bell();
      return undefined;
    case 'refuse':
      visit.voice.refuse(message.code, message.say, message.hint);
      return { exit: message.exit, noFiles: message.code === 'NO_FILES' ? message : undefined };
    case 'done':
      visit.voice.calm();
      return { exit: message.exit };
    case 'go':
      visit.voice.calm();
      return { go: message };
    case 'board':
      visit.voice.calm();
      visit.board.show(message);
      return undefined;
    case 'deadline':
    case 'input':
    case 'cut':
      return alone(visit, 'PROTOCOL');
  }
}

function answer(visit: Visit, { n, prompt, hide }: Extract<ToGate, { t: 'ask' }>): void {
  void visit.keyboard
    .line(() => visit.voice.prompt(prompt))
    .then((text) => {
      if (hide === true) visit.voice.eraseLine();
      visit.line.send(text === undefined ? { t: 'cancel' } : { t: 'answer', n, text: text.slice(0, 4000) });
    });
}

function waitFor(visit: Visit, text: string, until: number | undefined): void {
  visit.keyboard.listen(() => visit.line.send({ t: 'cancel' }));
  visit.voice.wait(text, until);
}
