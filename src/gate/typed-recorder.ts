// Records what the person types (`record: output+input`): asks the keeper for looks at the session's terminals when they are due, and writes
// what ./typed-input.ts decides. Nothing here stands between the person and the session.
import { StringDecoder } from 'node:string_decoder';
import { keysNotKept, pasted } from '../core/messages/typed.ts';
import type { Looked } from '../wire/messages.ts';
import { pasteCounter } from './paste-counter.ts';
import type { Recorder } from './recording.ts';
import { openScreenRows } from './screen-rows.ts';
import { answerReader, withoutAnswers } from './terminal-answers.ts';
import { openTypedInput } from './typed-input.ts';
import { isPrinted } from './typed-keys.ts';

/** Records the typed input of one connection. */
export interface TypedRecorder {
  /** Takes what came from the person's terminal and went to the session. */
  typed(bytes: Buffer): void;
  /** Takes output as the person sees it. */
  shown(bytes: Buffer): void;
  resize(cols: number, rows: number): void;
  looked(answer: Looked): void;
  finish(): void;
}

export interface TypedRecorderOptions {
  readonly cols: number;
  readonly rows: number;
  readonly utf8: boolean;
  readonly recorder: Pick<Recorder, 'input' | 'marker'>;
  /** The recorder's clock: milliseconds, monotonic. */
  readonly now: () => number;
  /** Asks the keeper; its answer has the same number. */
  readonly look: (n: number, rows: readonly string[]) => void;
}

/** A keeper that does not answer in this time has not looked. */
const answerMs = 1_000;

/** Begins with the attach. */
export function recordTyped({ cols, rows, utf8, recorder, now, look }: TypedRecorderOptions): TypedRecorder {
  const screen = openScreenRows(cols, rows);
  const decoder = new StringDecoder(utf8 ? 'utf8' : 'latin1');
  const isAnswer = answerReader();
  const input = openTypedInput(now(), {
    keep: (text, at) => recorder.input(text, at),
    notKept: (keys, why, at) => recorder.marker(keysNotKept(keys, why), at),
    wasPrinted: (line, from) => isPrinted(line, screen.printedSince(from)),
  });
  const countPasted = pasteCounter((characters, at) => recorder.marker(pasted(characters), at));
  let asked = 0;
  let waits = false;
  let timer: NodeJS.Timeout | undefined;
  const hear = (answer: Looked | undefined): void => {
    waits = false;
    input.looked(answer, now());
    plan();
  };
  const ask = (): void => {
    waits = true;
    asked += 1;
    look(asked, input.ask(now()));
    clearTimeout(timer);
    timer = setTimeout(hear, answerMs, undefined).unref();
  };
  const plan = (): void => {
    if (waits) return;
    const due = input.dueIn(now());
    if (due <= 0) return ask();
    clearTimeout(timer);
    if (due < Infinity) timer = setTimeout(ask, due).unref();
  };
  plan();
  return {
    typed: (bytes) => {
      if (isAnswer(bytes)) return;
      const [text, at] = [withoutAnswers(decoder.write(bytes)), now()];
      countPasted(text, at);
      input.key(text, at, { row: screen.beforeCursor(), printed: screen.printed() });
      plan();
    },
    shown: (bytes) => {
      screen.feed(bytes.toString(utf8 ? 'utf8' : 'latin1'));
      input.output();
      plan();
    },
    resize: (columns, lines) => screen.resize(columns, lines),
    looked: (answer) => {
      if (waits && answer.n === asked) hear(answer);
    },
    finish: () => {
      clearTimeout(timer);
      waits = true; // nothing is asked any more
      input.finish();
    },
  };
}
