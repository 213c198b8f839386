// A refusal, as it is thrown, told and logged; every code and its sentence is in refusals.ts.
import { refusals, type RefusalCode } from './refusals.ts';
import { line } from './text.ts';

export interface Refusal {
  readonly code: RefusalCode;
  readonly exit: number;
  readonly say: string;
  readonly hint: string;
}

export type RefusalNames = Readonly<Record<string, string | number>>;

const nameLimit = 200;

/** Fills a refusal's sentence and hint with names; what is not given stays as an ellipsis. */
export function refusal(code: RefusalCode, names: RefusalNames = {}): Refusal {
  const { exit, say, hint } = refusals[code];
  const fill = (sentence: string): string =>
    sentence.replace(/\{(\w+)\}/g, (_, name: string) => line(String(names[name] ?? '…'), nameLimit));
  return { code, exit, say: fill(say), hint: fill(hint) };
}

/** Thrown wherever a visit must end; caught in one place, which tells the person, the journal and the log. */
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
