// How far one witness has come with the journal of this host.
//
// 1. It is away after ten minutes without a cosignature in which there were records that it has not cosigned. A quiet journal is no fault.
import type { WitnessState } from '../../adapters/witness/cosigned.ts';
import type { NoteKey } from '../../core/tlog/note.ts';
import { minute } from '../../core/time.ts';

export const awayMs = 10 * minute;
const problemLimit = 200;

/** Where a witness is: a peer, asked over the store, or a URL. */
export type Place = { readonly peer: string } | { readonly url: string };

export class Progress {
  readonly key: NoteKey;
  readonly place: Place;
  /** How many records it cosigned last; 0 for none. */
  size = 0;
  /** When it did; ms since the epoch. */
  at = 0;
  note = '';
  problem: string | undefined;
  /** The number of the last ask (core/tlog/ask.ts). */
  number = 0;
  /** How often it was asked in this round. */
  tries = 0;
  /** Whether it was asked and has not answered. */
  isAsked = false;
  /** Whether it answered when it was asked last; who did not is not waited for. */
  isPresent = true;
  /** Whether it answered that it has cosigned another journal. */
  contradicts = false;
  isAway = false;
  /** Since when there are records that it has not cosigned; ms of a clock that nobody can set. */
  #behindSince: number | undefined;

  constructor(key: NoteKey, place: Place, known: WitnessState | undefined) {
    this.key = key;
    this.place = place;
    this.size = known?.size ?? 0;
    this.at = known?.at ?? 0;
    this.note = known?.note ?? '';
  }

  get name(): string {
    return this.key.name;
  }

  cosigned(size: number, at: number, note: string): void {
    Object.assign(this, { size, at, note, problem: undefined, contradicts: false });
    this.#behindSince = undefined;
    this.answered();
  }

  failed(problem: string): void {
    this.problem = problem.slice(0, problemLimit);
    this.isAsked = false;
  }

  answered(): void {
    this.isAsked = false;
    this.isPresent = true;
  }

  /** Rule 1. @param now of a clock that nobody can set @returns what changed */
  judge(records: number, now: number): 'away' | 'back' | undefined {
    const isBack = this.isAway && this.#behindSince === undefined;
    if (this.size >= records) this.#behindSince = undefined;
    else this.#behindSince ??= now;
    if (isBack) this.isAway = false;
    else if (!this.isAway && now - (this.#behindSince ?? now) >= awayMs) this.isAway = true;
    else return undefined;
    return isBack ? 'back' : 'away';
  }

  /** For how long there have been records that it has not cosigned, ms; 0 if there are none. @param now as for `judge` */
  lag(now: number): number {
    return now - (this.#behindSince ?? now);
  }

  state(): WitnessState {
    const { name, size, at, note, problem } = this;
    return { name, size, at, note, ...(problem === undefined ? {} : { problem }) };
  }
}
