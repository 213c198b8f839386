// What every setup command begins with, and how it makes its changes.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { changePending, inSandbox } from '../core/messages/setup-faults.ts';
import { spell } from '../core/ids.ts';
import type { Layout } from '../wire/layout.ts';
import { sinceBootMs } from './clock.ts';
import { SetupFault } from './fault.ts';
import { isGuardAlive } from './guard-process.ts';
import { turn } from './guard.ts';
import { checkHost, concernsSshd } from './init-plan.ts';
import { readPending, setupFiles } from './journal.ts';
import type { Planned } from './perform.ts';
import { isBooted } from './tools.ts';
import { keepNow, makeChanges, type Transaction, type TransactionParts } from './transaction.ts';
import type { Ending } from '../core/setup-rules/change.ts';

const idBytes = 10;
const codeBytes = 8;

/** The parts of a setup command on this host. @throws SetupFault in a sandbox, whose host is the one around it */
export function partsOf(layout: Layout): TransactionParts {
  if (layout.root !== '') throw new SetupFault(inSandbox);
  return { files: setupFiles(layout), guard: [`${layout.programs}/tmux-gate`, 'init', '--guard'] };
}

/** Waits for no other change: one whose guard is dead is undone now. @throws SetupFault when one waits for its confirmation */
export async function requireNone({ files }: TransactionParts): Promise<void> {
  const pending = await readPending(files);
  if (pending === undefined) return;
  if (await isGuardAlive(files, pending.id)) throw new SetupFault(changePending);
  await turn(files, { ...pending, stage: pending.stage === 'waiting' ? 'waiting' : 'rolling-back' }, undefined);
  if ((await readPending(files)) !== undefined) throw new SetupFault(changePending);
}

/** A transaction of these changes. */
export function transactionOf(layout: Layout, command: string, changes: readonly Planned[]): Transaction {
  return {
    ...{ command, changes, id: spell(randomBytes(idBytes)), code: spell(randomBytes(codeBytes)) },
    ...{ sshd: concernsSshd(changes), check: async () => checkHost(layout) },
  };
}

/** Makes changes that nobody has to confirm, since they cannot lock an admin out. @returns how it ended */
export async function changeNow(layout: Layout, command: string, changes: readonly Planned[]): Promise<Ending> {
  const parts = partsOf(layout);
  return keepNow(parts, await makeChanges(parts, transactionOf(layout, command, changes)));
}

const keeperMs = 10_000;
const lookMs = 100;

/** Waits until the keeper that systemd has started listens, for ten seconds at most: the doctor asks it. */
export async function untilKeeper({ keeperSocket }: Layout): Promise<void> {
  if (!isBooted()) return;
  for (const until = sinceBootMs() + keeperMs; !existsSync(keeperSocket) && sinceBootMs() < until;) await delay(lookMs);
}
