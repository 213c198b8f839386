// Plays a recording on a terminal: its clock, and the keys that move it.
import { setTimeout } from 'node:timers/promises';
import { playerStatus } from '../core/messages/recordings.ts';
import type { Painter } from './paint.ts';
import type { Timeline } from './timeline.ts';

/** What the player is played on. */
export interface PlayerTerminal {
  write(text: string): void;
}

export interface PlayerOptions {
  readonly speed: number;
  /** The longest time in which nothing is printed, in seconds of the recording; undefined: as it was. */
  readonly idleLimit: number | undefined;
  /** How long the recording is, in seconds. */
  readonly length: number;
  /** What is played, for the status. */
  readonly title: string;
}

/** What a key does. */
export type PlayerKey = 'pause' | 'back' | 'forward' | 'faster' | 'slower' | 'step' | 'repaint' | 'quit';

const keys: Readonly<Record<string, PlayerKey>> = {
  ' ': 'pause',
  '\u001b[D': 'back',
  '\u001bOD': 'back',
  '\u001b[C': 'forward',
  '\u001bOC': 'forward',
  '+': 'faster',
  '=': 'faster',
  '-': 'slower',
  '.': 'step',
  '\f': 'repaint',
  q: 'quit',
  '\u0003': 'quit',
  '\u0004': 'quit',
};

/** The keys in what a terminal in raw mode sent. An escape sequence is one key or none. */
export function playerKeys(typed: string): readonly PlayerKey[] {
  const pieces = typed.match(/\u001b(?:\[[\x20-\x3f]*[\x40-\x7e]|O.|)|[^\u001b]/gs) ?? [];
  return pieces.flatMap((piece) => keys[piece] ?? []);
}

const seekSeconds = 5;
const speeds = { least: 0.25, most: 64 };
/** Between two pictures, and between two looks at the clock while nothing happens: milliseconds. */
const frameMs = 33;
const clockMs = 500;

/** Plays until the end and the key that leaves. */
export class Player {
  readonly #timeline: Timeline;
  readonly #painter: Painter;
  readonly #terminal: PlayerTerminal;
  readonly #options: PlayerOptions;
  readonly #pressed: PlayerKey[] = [];
  #wake = new AbortController();
  #speed: number;
  #isPaused = false;
  #isOver = false;
  /** In seconds of the recording. */
  #at: number;

  constructor(timeline: Timeline, painter: Painter, terminal: PlayerTerminal, options: PlayerOptions) {
    this.#timeline = timeline;
    this.#painter = painter;
    this.#terminal = terminal;
    this.#options = options;
    this.#speed = options.speed;
    this.#at = timeline.at;
  }

  /** A key was pressed. */
  press(key: PlayerKey): void {
    this.#pressed.push(key);
    this.#wake.abort();
  }

  /** Resolves when the person leaves. @throws Unreadable when the recording is damaged from here on */
  async run(): Promise<void> {
    let last = performance.now();
    for (;;) {
      for (let key = this.#pressed.shift(); key !== undefined; key = this.#pressed.shift()) {
        if (key === 'quit') return;
        await this.#act(key);
        last = performance.now();
      }
      const now = performance.now();
      const waitMs = this.#isPaused ? undefined : await this.#play((now - last) / 1000);
      last = now;
      this.#terminal.write(this.#painter.paint(this.#timeline.screen, this.#status()));
      if (this.#pressed.length === 0) await this.#rest(waitMs);
    }
  }

  /** Plays what has happened meanwhile. @returns how long nothing happens, in milliseconds; undefined at the end */
  async #play(elapsed: number): Promise<number | undefined> {
    const next = await this.#timeline.next();
    this.#isOver = next === undefined;
    if (next === undefined) {
      this.#at = Math.max(this.#at, this.#timeline.at);
      return undefined;
    }
    const { idleLimit } = this.#options;
    this.#at += elapsed * this.#speed;
    if (idleLimit !== undefined && next - this.#at > idleLimit) this.#at = next - idleLimit;
    if (next <= this.#at) await this.#timeline.playTo(this.#at);
    const following = await this.#timeline.next();
    const gapMs = following === undefined ? 0 : ((following - this.#at) / this.#speed) * 1000;
    return Math.min(Math.max(gapMs, frameMs), clockMs);
  }

  async #rest(ms: number | undefined): Promise<void> {
    this.#wake = new AbortController();
    const { signal } = this.#wake;
    if (this.#pressed.length > 0) return;
    if (ms !== undefined) await setTimeout(ms, undefined, { signal }).catch(() => undefined);
    else await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  async #act(key: Exclude<PlayerKey, 'quit'>): Promise<void> {
    switch (key) {
      case 'pause':
        this.#isPaused = !this.#isPaused;
        return;
      case 'faster':
        this.#speed = Math.min(speeds.most, this.#speed * 2);
        return;
      case 'slower':
        this.#speed = Math.max(speeds.least, this.#speed / 2);
        return;
      case 'step':
        this.#isPaused = true;
        await this.#timeline.step();
        this.#at = this.#timeline.at;
        return;
      case 'back':
      case 'forward':
        return this.#seek(key === 'back' ? -seekSeconds : seekSeconds);
      case 'repaint':
        this.#painter.again();
    }
  }

  async #seek(by: number): Promise<void> {
    await this.#timeline.seek(Math.min(this.#at + by, this.#options.length));
    this.#at = this.#timeline.at;
  }

  #status(): string {
    const { length, title } = this.#options;
    return playerStatus({
      ...{ at: this.#at * 1000, length: length * 1000, speed: this.#speed, title },
      state: this.#isOver ? 'end' : this.#isPaused ? 'paused' : 'playing',
      isCut: this.#painter.isCut(this.#timeline.screen),
      marker: this.#timeline.marker,
    });
  }
}
