// The checks of the doctor and their findings.
//
// 1. A check examines and judges; it changes nothing: no file, no service, no key in Redis. (One exception: provider-code and
//    provider-approval ask the provider for a device code and let it expire, because no document says whether a client may.) Accident: a check breaks the host.
// 2. What cannot be inspected is `unknown`, never `ok` (law 1).
// 3. Every finding that is not ok says what to do.
import type { Scene } from './scene.ts';

/** From good to bad: `ok`, `warn`, `unknown` (could not be inspected), `fail`. */
export type Verdict = 'ok' | 'warn' | 'unknown' | 'fail';

/** From good to bad. */
const order: readonly Verdict[] = ['ok', 'warn', 'unknown', 'fail'];

/** One thing that a check found. */
export interface Finding {
  readonly verdict: Verdict;
  /** Whom or what it is about, where a check examines several. */
  readonly of?: string;
  /** One sentence: what was found. It holds only our words and names of this host, and is filtered where it is shown. */
  readonly why: string;
  /** What to do; undefined where nothing is wrong. */
  readonly remedy?: string;
}

/** One check of the doctor. */
export interface Check {
  /** `family-subject`; an id never changes its meaning. */
  readonly id: string;
  /** What the check is about, as a clause; docs/doctor.md shows it. */
  readonly about: string;
  /** Examines the host. @throws NotInspectable when it cannot; this becomes `unknown`. */
  look(scene: Scene): Promise<readonly Finding[]>;
}

/** The findings of a check that was run. */
export interface Result {
  readonly id: string;
  readonly about: string;
  /** The worst verdict of the findings. */
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

/** The worst of some verdicts; `ok` when there are none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return order[Math.max(0, ...verdicts.map((verdict) => order.indexOf(verdict)))] ?? 'unknown';
}

/** The findings, or one `ok` when there are none. */
export function orOk(wrong: readonly Finding[], why: string): readonly Finding[] {
  return wrong.length > 0 ? wrong : [ok(why)];
}
