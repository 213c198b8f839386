import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Waits until a process has ended, which it may have done before: `once(child, 'exit')` alone would then wait for ever. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
