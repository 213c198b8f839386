// Confirms a change from a new login (core/setup-rules/fresh-login.ts says what counts as one).
import { readdir, readFile, readlink } from 'node:fs/promises';
import { statOf } from '../adapters/processes.ts';
import { nothingPending, notFreshLogin, wrongCode } from '../core/messages/setup-faults.ts';
import type { Ending } from '../core/setup-rules/change.ts';
import { loginFault, type Ancestor } from '../core/setup-rules/fresh-login.ts';
import { parseId } from '../core/ids.ts';
import { sinceBootMs } from './clock.ts';
import { SetupFault } from './fault.ts';
import { readPending, writeVerdict } from './journal.ts';
import { auditSession, untilEnded, type TransactionParts } from './transaction.ts';

/** Confirms the change that waits, and waits until it is kept. @throws SetupFault when there is none, or this is no new login */
export async function confirm(parts: TransactionParts, code: string): Promise<Ending> {
  const journal = await readPending(parts.files);
  const { changedAt } = journal ?? {};
  if (journal?.stage !== 'waiting' || changedAt === undefined || sinceBootMs() >= journal.deadlineMs)
    throw new SetupFault(nothingPending);
  if (parseId(code) !== journal.code) throw new SetupFault(wrongCode);
  const claimed = { ancestors: await ancestors(), session: auditSession() };
  const fault = loginFault(claimed, { changedAt, session: journal.session });
  if (fault !== undefined) throw new SetupFault(notFreshLogin(fault));
  await writeVerdict(parts.files, journal.id, 'confirmed');
  return untilEnded(parts, journal);
}

/** The processes from which this one descends, the nearest first. */
async function ancestors(): Promise<readonly Ancestor[]> {
  const found: Ancestor[] = [];
  let stat = await statOf(process.pid);
  while (stat !== undefined && stat.parent > 0) {
    const pid = stat.parent;
    stat = await statOf(pid);
    const program = await readlink(`/proc/${pid}/exe`).catch(() => '');
    if (stat !== undefined) found.push({ program, start: stat.startTime, isListening: await isListening(pid) });
  }
  return found;
}

/** Whether a process has a TCP socket that listens (proc_pid_net(5): state 0A, and the socket's inode). */
async function isListening(pid: number): Promise<boolean> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map(async (name) => readFile(`/proc/${pid}/net/${name}`, 'latin1').catch(() => '')),
  );
  const listening = new Set(
    tables
      .flatMap((table) => table.split('\n').map((row) => row.trim().split(/\s+/)))
      .filter(([, , , state]) => state === '0A')
      .map((row) => `socket:[${row[9] ?? ''}]`),
  );
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const open = await Promise.all(names.map(async (name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return open.some((target) => listening.has(target));
}
