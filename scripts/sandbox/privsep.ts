// /run/sshd, the empty folder that sshd needs. Where the system has none, the sandboxes make it and the last one
// removes it: each that needs it leaves a file of its own in `users`.
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const privsep = '/run/sshd';
const users = '/run/tmux-gate-sandboxes';

/** Another sandbox may be removing the folders at this moment: the second try makes them anew. */
export function holdPrivsep(prefix: string): void {
  try {
    hold(prefix);
  } catch {
    hold(prefix);
  }
}

function hold(prefix: string): void {
  if (existsSync(privsep) && !existsSync(users)) return; // the system's own
  mkdirSync(users, { recursive: true, mode: 0o755 });
  writeFileSync(join(users, prefix), '');
  mkdirSync(privsep, { recursive: true, mode: 0o755 });
}

/** `users` goes last: while it is there, nobody takes the other folder for the system's own. */
export function releasePrivsep(prefix: string): void {
  if (!existsSync(users)) return;
  rmSync(join(users, prefix), { force: true });
  if (readdirSync(users).length > 0) return;
  try {
    rmdirSync(privsep);
    rmdirSync(users);
  } catch {
    // Somebody else needs it again, or removed it first.
  }
}
