// The end of a keeper.
import { within } from './concurrency/time-limit.ts';
import type { Context } from './context.ts';

/** How long the stop waits for the last notices. */
const lastNoticesMs = 1_000;
/** How long one step may take: a disk or a receiver may hang. */
const stepMs = 5_000;
/** The step of Redis takes longer: it gets TERM, then KILL, and what it printed last is logged. */
const redisMs = 12_000;

/**
 * Ends the services and adapters. Connections stay: their gates keep their own deadlines, and the next keeper takes them over
 * (docs/design.md, "When something is gone"). Every step is taken, even if the one before failed: a full journal must not leave a
 * redis-server behind.
 * @throws Error the first one that a step threw, after the last step
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
  // A journal that takes no record (JOURNAL_CHANGED) takes no last one either, which is no fault of the stop.
  if (failed.length > 0 && context.journal.changed === undefined) throw failed[0];
}
