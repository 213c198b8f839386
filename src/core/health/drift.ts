// What the small process that looks at sshd and sudo tells the keeper (src/doctor/drift.ts).
import { object, oneOf, optional, text } from '../shape.ts';
import type { Shape } from '../shape.ts';

/** What was found of sshd, or of sudo. */
export interface DriftOf {
  readonly is: 'as needed' | 'drifted' | 'unknown';
  readonly why?: string;
  readonly fix?: string;
}

/** What was found of both. */
export interface Drift {
  readonly sshd: DriftOf;
  readonly sudo: DriftOf;
}

/** The longest text of one; the process cuts what is longer. */
export const driftLimit = 400;

const of: Shape<DriftOf> = object({
  is: oneOf('as needed', 'drifted', 'unknown'),
  why: optional(text(driftLimit)),
  fix: optional(text(driftLimit)),
});

export const driftShape: Shape<Drift> = object({ sshd: of, sudo: of });
