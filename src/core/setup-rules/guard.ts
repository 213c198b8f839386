// Decides whether a change of the host is kept or undone. The guard (src/setup/guard.ts) asks it, again and again, in a process of its own.
//
// 1. Kept is only what was confirmed. No answer, a reboot, a dead writer and every doubt undo it. Accident: a wrong sshd_config or a
//    wrong group locks the admin out of a host that stands in another town.
// 2. Time is counted since boot, not by the wall clock. Accident: the clock is set in between, and the deadline never comes.
// 3. Once it is being undone it is undone to the end. Accident: half of a change is kept.
import type { SetupJournal, Verdict } from './change.ts';

/** What the guard sees. */
export interface GuardFacts {
  readonly boot: string;
  /** Milliseconds since boot. */
  readonly nowMs: number;
  readonly verdict: Verdict | undefined;
  /** How long the process that writes has been gone, in milliseconds; undefined while it lives. */
  readonly ownerGoneMs: number | undefined;
}

export type GuardDecision =
  | { readonly act: 'wait' }
  | { readonly act: 'keep' }
  | { readonly act: 'roll-back'; readonly why: 'begun' | 'abandoned' | 'reboot' | 'late' | 'killed' };

/** How long a program that a killed writer had started may go on, before what it did is undone. */
export const killedGraceMs = 3_000;

/** How long the change may take to be written, and then to be confirmed. */
export const confirmMs = 120_000;

/** What to do with a change now (rules 1 to 3). */
export function decideGuard(journal: SetupJournal, facts: GuardFacts): GuardDecision {
  const undo = (why: 'begun' | 'abandoned' | 'reboot' | 'late' | 'killed'): GuardDecision => ({
    act: 'roll-back',
    why,
  });
  if (journal.stage === 'rolling-back') return undo('begun');
  if (facts.verdict === 'confirmed' && journal.stage === 'waiting') return { act: 'keep' };
  if (facts.verdict === 'abandoned') return undo('abandoned');
  if (facts.boot !== journal.boot) return undo('reboot');
  if (facts.nowMs >= journal.deadlineMs) return undo('late');
  if (journal.stage === 'writing' && (facts.ownerGoneMs ?? 0) >= killedGraceMs) return undo('killed');
  return { act: 'wait' };
}
