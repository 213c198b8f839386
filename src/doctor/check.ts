// What the doctor finds.
//
// 1. A check looks and judges; it changes nothing: no file is written, no service told anything, no key in Redis touched. (One asks the
//    provider for a code that it lets run out, provider-approval: no document says what a client may do.)
// 2. What cannot be looked at is `unknown`, never `ok` (law 1).
// 3. Every finding that is not ok says what to do about it.
import type { Scene } from './scene.ts';

export type Verdict = 'ok' | 'warn' | 'unknown' | 'fail';

/** From what is fine to what is not. */
const order: readonly Verdict[] = ['ok', 'warn', 'unknown', 'fail'];

export interface Finding {
  readonly verdict: Verdict;
  /** Whom or what it is about, where a check looks at several. */
  readonly of?: string;
  /** One sentence: what was seen. Holds our words and names of this host alone; filtered where it is shown. */
  readonly why: string;
  /** What to do; none where all is well. */
  readonly remedy?: string;
}

export interface Check {
  /** `family-subject`; never changes its meaning. */
  readonly id: string;
  /** What it looks at, in a clause, as docs/doctor.md has it. */
  readonly about: string;
  look(scene: Scene): Promise<readonly Finding[]>;
}

export interface Result {
  readonly id: string;
  readonly about: string;
  /** The worst of the findings. */
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
}

export const ok = (why: string, of?: string): Finding => finding('ok', why, undefined, of);
export const warn = (why: string, remedy: string, of?: string): Finding => finding('warn', why, remedy, of);
export const fail = (why: string, remedy: string, of?: string): Finding => finding('fail', why, remedy, of);
export const unknown = (why: string, remedy?: string, of?: string): Finding => finding('unknown', why, remedy, of);

function finding(verdict: Verdict, why: string, remedy?: string, of?: string): Finding {
  return { verdict, why, ...(remedy === undefined ? {} : { remedy }), ...(of === undefined ? {} : { of }) };
}

export function worst(verdicts: readonly Verdict[]): Verdict {
  return order[Math.max(0, ...verdicts.map((verdict) => order.indexOf(verdict)))] ?? 'unknown';
}

/** What is wrong, or that nothing is. */
export function orOk(wrong: readonly Finding[], why: string): readonly Finding[] {
  return wrong.length > 0 ? wrong : [ok(why)];
}
