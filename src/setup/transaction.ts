// Makes a list of changes of the host as one: all of them, confirmed, or none.
//
// 1. The journal with the old bytes is on the disk, and the guard runs, before the first change (law 7). Accident: this program is killed
//    at any step, and nobody knows what to undo.
// 2. What cannot be checked afterwards is undone (law 1): sudo's rules, sshd's configuration, the policy.
// 3. This program keeps or undoes nothing itself; it waits for what the guard did. Accident: two programs write at once.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { confirmMs } from '../core/setup-rules/guard.ts';
import type { Bystander, Ending, SetupJournal } from '../core/setup-rules/change.ts';
import { armBoot } from './boot-guard.ts';
import { bootId, sinceBootMs, ticksNow } from './clock.ts';
import { lookAt } from './found.ts';
import { turn } from './guard.ts';
import { isGuardAlive, startGuard, thisProcess } from './guard-process.ts';
import { beginJournal, readEnding, readPending, updateJournal, writeVerdict, type SetupFiles } from './journal.ts';
import { perform, type Planned } from './perform.ts';
import { reloadSshd } from './sshd.ts';

/** What is to be changed. */
export interface Transaction {
  /** What was typed, for the journal. */
  readonly command: string;
  readonly id: string;
  readonly code: string;
  readonly changes: readonly Planned[];
  /** Whether sshd must read its configuration again. */
  readonly sshd: boolean;
  /** Checks what was written. @throws SetupFault when it is not in order */
  readonly check: () => Promise<void>;
}

/** What a transaction stands on; tests watch its steps. */
export interface TransactionParts {
  readonly files: SetupFiles;
  /** The program of the guard, with its arguments. */
  readonly guard: readonly string[];
  /** Is told each step before it is made. */
  readonly reached?: (step: string) => void;
}

const guardMs = 20_000;
/** How long systemd may take to start a guard again that was killed. */
const deadMs = 5_000;
const lookMs = 100;
/** How long sshd may take to read its configuration after it was told; only logins that begin later count. */
const settleMs = 1_000;

/**
 * Makes the changes (rules 1 and 2). What fails is undone by the guard, and thrown.
 * @returns the journal, which waits for its confirmation.
 * @throws SetupFault; errors of the system
 */
export async function makeChanges(parts: TransactionParts, transaction: Transaction): Promise<SetupJournal> {
  const { files, reached = () => undefined } = parts;
  const journal = await beginning(transaction);
  reached('journal');
  await beginJournal(files, journal);
  try {
    reached('guard');
    await startGuard(parts.guard);
    await untilGuarded(files, journal.id);
    reached('boot-guard');
    await armBoot(parts.guard);
    for (const planned of transaction.changes) {
      reached(stepOf(planned));
      await perform(planned);
    }
    reached('check');
    await transaction.check();
    if (transaction.sshd) {
      reached('sshd');
      await reloadSshd();
      await delay(settleMs);
    }
    reached('waiting');
    return await waiting(files, journal);
  } catch (error) {
    await writeVerdict(files, journal.id, 'abandoned');
    await untilEnded(parts, journal);
    throw error;
  }
}

const stepOf = ({ change }: Planned): string => `${change.do} ${'path' in change ? change.path : change.name}`;

async function beginning({ command, id, code, changes, sshd }: Transaction): Promise<SetupJournal> {
  const touchesAccounts = changes.some(({ change }) => change.do === 'account' || change.do === 'member');
  const session = auditSession();
  return {
    ...{ version: 1, id, command, code, sshd, stage: 'writing', boot: bootId(), owner: await thisProcess() },
    ...{ deadlineMs: sinceBootMs() + confirmMs, changes: changes.map(({ change }) => change) },
    ...(session === undefined ? {} : { session }),
    bystanders: touchesAccounts ? await accountFiles() : [],
  };
}

/** The kernel's audit session of this process (pam_loginuid(8)); undefined where there is none. */
export function auditSession(): number | undefined {
  const session = Number(readFileSync('/proc/self/sessionid', 'latin1'));
  return session === 0xffff_ffff ? undefined : session;
}

/** The files that useradd(8) and gpasswd(1) write, the copies that they keep, and their lock. */
async function accountFiles(): Promise<readonly Bystander[]> {
  const names = ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'];
  const paths = [...names, ...names.map((name) => `${name}-`), '.pwd.lock'].map((name) => `/etc/${name}`);
  return Promise.all(paths.map(async (path) => ({ path, before: await lookAt(path) })));
}

async function untilGuarded(files: SetupFiles, id: string): Promise<void> {
  const until = sinceBootMs() + guardMs;
  while (!(await isGuardAlive(files, id))) {
    if (sinceBootMs() > until) throw new Error('the guard did not start');
    await delay(lookMs);
  }
}

async function waiting(files: SetupFiles, journal: SetupJournal): Promise<SetupJournal> {
  const changed: SetupJournal = {
    ...{ ...journal, stage: 'waiting' },
    ...{ changedAt: ticksNow(), deadlineMs: sinceBootMs() + confirmMs },
  };
  await updateJournal(files, changed);
  return changed;
}

/** Waits until the guard has kept or undone the change (rule 3). Where the guard is dead and not started again, this does its work. */
export async function untilEnded({ files }: TransactionParts, { id }: SetupJournal): Promise<Ending> {
  let unguardedSince: number | undefined;
  for (;;) {
    const ending = await readEnding(files, id);
    if (ending !== undefined && (await readPending(files))?.id !== id) return ending;
    unguardedSince = (await isGuardAlive(files, id)) ? undefined : (unguardedSince ?? sinceBootMs());
    if (unguardedSince !== undefined && sinceBootMs() - unguardedSince > deadMs) {
      const journal = await readPending(files);
      if (journal !== undefined) await turn(files, journal, undefined);
    }
    await delay(lookMs);
  }
}

/** Keeps a change that nobody has to confirm. */
export async function keepNow(parts: TransactionParts, journal: SetupJournal): Promise<Ending> {
  await writeVerdict(parts.files, journal.id, 'confirmed');
  return untilEnded(parts, journal);
}
