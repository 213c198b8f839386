// Starts the guard in a process of its own, which outlives the login of whoever started it.
//
// 1. Under systemd it is a transient service, which is started again when it is killed. Accident: the guard dies, and nothing undoes the
//    change.
// 2. Elsewhere it is a process in a session of its own, without a terminal; whoever waits does its work when it is dead.
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { statOf, isSame } from '../adapters/processes.ts';
import type { SetupFiles } from './journal.ts';
import { readGuard } from './journal.ts';
import { ask, isBooted, must } from './tools.ts';

const unit = 'tmux-gate-init-guard';

/** How systemd runs it (systemd.service(5)): rule 1, also when it is ended by a signal that counts as a clean end. */
const properties = [
  ...['Restart=on-failure', 'RestartSec=500ms', 'RestartForceExitStatus=SIGTERM SIGHUP SIGINT SIGPIPE'],
  ...['StartLimitIntervalSec=0', 'UMask=0077'],
];

/** Starts the guard (rules 1 and 2). @param command its program and arguments. @throws SetupFault when systemd cannot */
export async function startGuard(command: readonly string[]): Promise<void> {
  if (isBooted()) return startService(command);
  const [program = '', ...args] = command;
  const child = spawn(program, args, { detached: true, stdio: 'ignore', cwd: '/' });
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
}

const tries = 20;
const pauseMs = 250;

/** The guard of the last change may be about to end, and its unit is there as long. */
async function startService(command: readonly string[]): Promise<void> {
  const set = properties.map((property) => `--property=${property}`);
  const args = ['--quiet', '--collect', `--unit=${unit}`, ...set, '--', ...command];
  for (let left = tries; left > 1; left--) {
    await ask('systemctl', ['reset-failed', `${unit}.service`]);
    if ((await ask('systemd-run', args)).code === 0) return;
    await delay(pauseMs);
  }
  await must('systemd-run', args);
}

/** Whether the guard of the change with this id runs. */
export async function isGuardAlive(files: SetupFiles, id: string): Promise<boolean> {
  const known = await readGuard(files);
  return known?.id === id && (await isSame(known.pid, known.start));
}

/** This process, for a journal. */
export async function thisProcess(): Promise<{ pid: number; start: number }> {
  const stat = await statOf(process.pid);
  return { pid: process.pid, start: stat?.startTime ?? 0 };
}
