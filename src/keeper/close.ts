// The end of a keeper.
import { within } from './concurrency/time-limit.ts';
import type { Context } from './context.ts';

/** How long the last notices are waited for: milliseconds. */
const lastNoticesMs = 1_000;
/** How long one step of the end may take, milliseconds: a journal on a disk that hangs, a receiver that does. */
const stepMs = 5_000;
/** That of Redis: TERM, KILL, and its last words. */
const redisMs = 12_000;

/**
 * The connections stay: their gates keep their own deadlines, and the next keeper takes them over (docs/design.md, "When something is gone"). Each step is
 * taken, whatever became of the one before: a full journal leaves no redis-server behind.
 * @throws Error the first that a step threw, after the last step.
 */
export async function closeAll(context: Context, closeRedis: () => Promise<void>): Promise<void> {
  context.eventLoop.close();
  context.outbox.close();
  context.rechecks.close();
  context.links.close();
  context.requestEnds.close();
  context.liveGrants.close();
  const steps: readonly (readonly [step: string, limitMs: number, take: () => Promise<void>])[] = [
    ['refusals', stepMs, async () => context.refusalLog.close()],
    ['notices', stepMs, async () => context.notifier.close(AbortSignal.timeout(lastNoticesMs))],
    ['redis', redisMs, closeRedis],
    ['last-record', stepMs, async () => context.journal.write('keeper-stopped', {})],
    ['journal', stepMs, async () => context.journal.close()],
  ];
  const failed: unknown[] = [];
  for (const [step, limitMs, take] of steps)
    await within(context.log, step, limitMs, take()).catch((error: unknown) => failed.push(error));
  // A journal that takes no record (JOURNAL_CHANGED) takes no last one either.
  if (failed.length > 0 && context.journal.changed === undefined) throw failed[0];
}
