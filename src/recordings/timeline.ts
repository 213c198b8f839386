// A place in a recording: the screen as it was there, and what comes next.
import { setImmediate } from 'node:timers/promises';
import type { Recording } from '../adapters/recordings/open.ts';
import { parseCastLine, type CastEvent } from '../core/recording/cast.ts';
import type { Keyframes } from './keyframes.ts';
import { draw } from './make-keyframes.ts';
import { Screen } from './screen.ts';

/** How long it draws before others have a turn, in milliseconds. */
const turnMs = 30;
/** What is nearer than this, in seconds, is drawn through; farther, a keyframe is nearer. */
const nearSeconds = 30;

/** Calls must not overlap. */
export class Timeline {
  readonly #recording: Recording;
  readonly #keyframes: () => Promise<Keyframes>;
  #screen: Screen;
  #events: AsyncIterator<CastEvent>;
  #next: Promise<IteratorResult<CastEvent>> | undefined;
  #at = 0;
  #marker: string | undefined;

  /** At the beginning. @param keyframes asked for when a jump needs them */
  constructor(recording: Recording, keyframes: () => Promise<Keyframes>) {
    const { width, height } = recording.header;
    this.#recording = recording;
    this.#keyframes = keyframes;
    this.#screen = new Screen({ cols: width, rows: height });
    this.#events = recording.events()[Symbol.asyncIterator]();
  }

  get screen(): Screen {
    return this.#screen;
  }

  /** In seconds: everything up to here is drawn. */
  get at(): number {
    return this.#at;
  }

  /** The last marker that was passed. */
  get marker(): string | undefined {
    return this.#marker;
  }

  /** When the next event happened, in seconds; undefined at the end. @throws Unreadable */
  async next(): Promise<number | undefined> {
    this.#next ??= this.#events.next();
    const next = await this.#next;
    return next.done === true ? undefined : next.value.at;
  }

  /** Draws everything up to a time, in seconds. @throws Unreadable; the reason of the signal */
  async playTo(at: number, signal?: AbortSignal): Promise<void> {
    let turn = performance.now();
    for (let next = await this.next(); next !== undefined && next <= at; next = await this.next()) {
      await this.#step();
      if (performance.now() - turn < turnMs) continue;
      await setImmediate();
      signal?.throwIfAborted();
      turn = performance.now();
    }
    this.#at = Math.max(this.#at, at);
  }

  /** Goes to a time, in seconds, forwards or back. @throws Unreadable; the reason of the signal */
  async seek(to: number, signal?: AbortSignal): Promise<void> {
    const at = Math.max(0, to);
    if (at < this.#at || at > this.#at + nearSeconds) await this.#jump(at);
    await this.playTo(at, signal);
  }

  /** Draws the events of the next instant at which something was printed. @returns false at the end */
  async step(): Promise<boolean> {
    const next = await this.next();
    if (next === undefined) return false;
    await this.playTo(next);
    return true;
  }

  dispose(): void {
    this.#screen.dispose();
  }

  async #jump(at: number): Promise<void> {
    const keyframes = await this.#keyframes();
    const { place, screen } = await keyframes.before(at);
    this.#screen.dispose();
    this.#screen = screen;
    this.#at = place.at;
    this.#marker = undefined;
    this.#next = undefined;
    this.#events = this.#recording.events(place.range)[Symbol.asyncIterator]();
    for (let passed = 0; passed < place.events; passed++) await this.#events.next();
  }

  async #step(): Promise<void> {
    const { value } = (await this.#next) as IteratorYieldResult<CastEvent>;
    this.#next = undefined;
    draw(this.#screen, value);
    this.#at = Math.max(this.#at, value.at);
    if (value.code === 'm') this.#marker = value.data;
  }
}

/** So many lines are looked at: what was typed may stand behind output that came later. */
const lateLines = 64;

/** When the last event happened, in seconds: how long a recording is. @throws Unreadable */
export async function lengthOf(recording: Recording): Promise<number> {
  const last = recording.ranges.length - 1;
  if (last < 0) return 0;
  const lines = (await recording.range(last)).toString('utf8').split('\n').slice(0, -1);
  const events = last === 0 ? lines.slice(1) : lines;
  return Math.max(0, ...events.slice(-lateLines).map((line) => parseCastLine(line).at));
}
