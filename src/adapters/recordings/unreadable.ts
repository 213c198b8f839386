/** Why a recording cannot be read. */
export type UnreadableWhy = 'missing' | 'purged' | 'encrypted' | 'wrong-identity' | 'damaged';

/** A recording cannot be read; the message says which one and what is wrong. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly why: UnreadableWhy;

  constructor(why: UnreadableWhy, message: string, cause?: unknown) {
    super(message, { cause });
    this.why = why;
  }
}
