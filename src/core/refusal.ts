// Refusals: the thrown error, and the text that the person gets. All codes and sentences are in refusals.ts.
import { fillRefusal, type RefusalEntry, type RefusalNames } from './refusal-text.ts';
import { refusals, type RefusalCode } from './refusals.ts';

/** A refusal with its text filled in. */
export interface Refusal extends RefusalEntry {
  readonly code: RefusalCode;
}

/** The refusal with this code; names fill the places of its sentence and hint, and missing ones become an ellipsis. */
export function refusal(code: RefusalCode, names: RefusalNames = {}): Refusal {
  return { code, ...fillRefusal(refusals[code], names) };
}

/** Thrown wherever a visit must end with a refusal; caught in one place, which tells the person, the journal and the log. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: RefusalCode;
  readonly names: RefusalNames;

  /** @param cause for the log alone. */
  constructor(code: RefusalCode, names: RefusalNames = {}, cause?: unknown) {
    super(code, { cause });
    this.code = code;
    this.names = names;
  }
}

/** What was refused as it is, and any other error as this refusal, with the error as its cause. */
export function asRefused(error: unknown, code: RefusalCode, names: RefusalNames = {}): Refused {
  return error instanceof Refused ? error : new Refused(code, names, error);
}
