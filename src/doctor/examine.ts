// Runs the checks. Families run at the same time, and each check has a time limit, so that one that hangs does not hide the others.
import { Refused } from '../core/refusal.ts';
import { unknown, worst, type Check, type Finding, type Result } from './check.ts';
import { NotInspectable } from './not-inspectable.ts';
import type { Scene } from './scene.ts';

const checkMs = 30_000;

/** Runs all checks. @returns the results in the order of the checks. Never rejects. */
export async function examine(scene: Scene, checks: readonly Check[]): Promise<readonly Result[]> {
  const results = new Map<string, Result>();
  const families = Map.groupBy(checks, ({ id }) => id.split('-')[0] ?? id);
  const walk = async (family: readonly Check[]): Promise<void> => {
    for (const check of family) results.set(check.id, await examineOne(scene, check));
  };
  await Promise.all([...families.values()].map(walk));
  return checks.map(({ id }) => results.get(id)).filter((result) => result !== undefined);
}

async function examineOne(scene: Scene, check: Check): Promise<Result> {
  const findings = await withinLimit(check.look(scene)).catch((error: unknown) => [blind(scene, error)]);
  const { id, about } = check;
  return { id, about, findings, verdict: worst(findings.map(({ verdict }) => verdict)) };
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new NotInspectable(`no answer within ${checkMs / 1000} s`)), checkMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The finding of a check that could not inspect its subject (check.ts, rule 2). */
function blind({ root }: Scene, error: unknown): Finding {
  const remedy = root ? undefined : 'run it as root: sudo tmux-gate doctor';
  if (error instanceof NotInspectable) return unknown(error.message, remedy ?? error.remedy ?? 'check this by hand');
  const what = error instanceof Refused ? 'the directory of accounts does not answer' : 'could not be checked';
  return unknown(what, remedy ?? 'check this by hand');
}
