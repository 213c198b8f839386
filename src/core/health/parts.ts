// The parts of a host that `status` looks at, and their order: what is wrong comes first, the worst at the top.
//
// 1. `down` comes before `warn`, `warn` before `ok`, and among equals the more urgent part (`urgency`). Accident: whoever is on call reads
//    one line, and it is about a certificate while sshd lets people in without the gate.
// 2. What could not be looked at is never `ok` (law 1).

/** `down`: it does not work, or does not guard. `warn`: it works, and needs somebody soon, or could not be looked at. */
export type Level = 'ok' | 'warn' | 'down';

const levels: readonly Level[] = ['down', 'warn', 'ok'];

/**
 * From the most urgent on: a way around the gate; a journal that somebody changed; what keeps everybody out; what keeps some out; what will.
 */
const urgency = [
  ...(['sshd', 'sudo'] as const),
  ...(['journal', 'witness'] as const),
  ...(['disk', 'recording', 'cgroups', 'redis', 'clock', 'provider'] as const),
  ...(['hooks', 'certificate', 'policy', 'keeper'] as const),
] as const;

export type PartName = (typeof urgency)[number];

/** One part of a host. */
export interface Part {
  readonly name: PartName;
  readonly level: Level;
  /** What everybody is told: a code, or a few words. */
  readonly detail: string;
  /** What root is told in its place. */
  readonly why?: string | undefined;
  /** What root is told to do. */
  readonly fix?: string | undefined;
}

/** The parts, the worst first (rule 1). */
export function byUrgency(parts: readonly Part[]): readonly Part[] {
  const rank = ({ level, name }: Part): number => levels.indexOf(level) * urgency.length + urgency.indexOf(name);
  return parts.toSorted((a, b) => rank(a) - rank(b));
}

/** The worst level of some parts. */
export function worstOf(parts: readonly Part[]): Level {
  return levels.find((level) => parts.some((part) => part.level === level)) ?? 'ok';
}

/** A part as somebody who is not root sees it. */
export const forEverybody = ({ name, level, detail }: Part): Part => ({ name, level, detail });
