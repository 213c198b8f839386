// The guard of a change: it alone keeps or undoes it, in a process of its own, by core/setup-rules/guard.ts.
//
// 1. It looks at the files of setup alone, so that it goes on where a killed guard was. Accident: see guard-process.ts.
// 2. A writer that still runs is killed before its change is undone. Accident: it goes on writing afterwards.
import { setTimeout as delay } from 'node:timers/promises';
import { isSame, killSame } from '../adapters/processes.ts';
import { undoneBecause } from '../core/messages/setup.ts';
import { decideGuard, type GuardDecision } from '../core/setup-rules/guard.ts';
import type { SetupJournal } from '../core/setup-rules/change.ts';
import { disarmBoot } from './boot-guard.ts';
import { bootId, sinceBootMs } from './clock.ts';
import { thisProcess } from './guard-process.ts';
import { endJournal, readPending, readVerdict, updateJournal, writeGuard, type SetupFiles } from './journal.ts';
import { reloadUnits } from './perform.ts';
import { reloadSshd } from './sshd.ts';
import { undoAll } from './undo.ts';

const lookMs = 200;

/** Watches the change that waits until it is kept or undone; returns at once when there is none (rule 1). */
export async function runGuard(files: SetupFiles): Promise<void> {
  const first = await readPending(files);
  if (first === undefined) return disarmBoot();
  await writeGuard(files, { ...(await thisProcess()), id: first.id });
  let goneSince: number | undefined;
  for (;;) {
    const journal = await readPending(files);
    if (journal?.id !== first.id) return;
    goneSince = (await isOwnerAlive(journal)) ? undefined : (goneSince ?? sinceBootMs());
    if (await turn(files, journal, goneSince === undefined ? undefined : sinceBootMs() - goneSince)) return;
    await delay(lookMs);
  }
}

const isOwnerAlive = async ({ boot, owner }: SetupJournal): Promise<boolean> =>
  boot === bootId() && isSame(owner.pid, owner.start);

/**
 * Looks once, and keeps or undoes the change when it is time.
 * @param ownerGoneMs how long its writer has been gone
 * @returns whether it was time
 */
export async function turn(
  files: SetupFiles,
  journal: SetupJournal,
  ownerGoneMs: number | undefined,
): Promise<boolean> {
  const verdict = await readVerdict(files, journal.id);
  const decision = decideGuard(journal, { boot: bootId(), nowMs: sinceBootMs(), verdict, ownerGoneMs });
  if (decision.act === 'wait') return false;
  if (decision.act === 'keep') await keep(files, journal);
  else await rollBack(files, journal, decision.why);
  return true;
}

async function keep(files: SetupFiles, journal: SetupJournal): Promise<void> {
  await disarmBoot();
  await endJournal(files, journal, { id: journal.id, ended: 'kept', why: '', notes: [] });
}

type Why = Extract<GuardDecision, { act: 'roll-back' }>['why'];

async function rollBack(files: SetupFiles, journal: SetupJournal, why: Why): Promise<void> {
  if (journal.stage === 'writing' && journal.boot === bootId() && journal.owner.pid !== process.pid)
    await killSame(journal.owner.pid, journal.owner.start, 'SIGKILL');
  const undoing: SetupJournal = { ...journal, stage: 'rolling-back' };
  await updateJournal(files, undoing);
  const notes = await undoAll(files, undoing);
  await reloadUnits();
  if (journal.sshd) await reloadSshd().catch(() => undefined);
  await disarmBoot();
  await endJournal(files, undoing, { id: journal.id, ended: 'rolled-back', why: undoneBecause(why), notes });
}
