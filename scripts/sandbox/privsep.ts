// /run/sshd, the empty folder that sshd needs. If the system has none, the sandboxes make it and the last one removes it: each sandbox
// that needs it has a file in `users`.
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const privsep = '/run/sshd';
const users = '/run/tmux-gate-sandboxes';

/** Makes sure of the folder. Another sandbox may be removing it at this moment, so there is a second try. */
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

/** Removes the folder if no other sandbox needs it. `users` goes last: as long as it exists, /run/sshd is known to be the sandboxes'. */
export function releasePrivsep(prefix: string): void {
  if (!existsSync(users)) return;
  rmSync(join(users, prefix), { force: true });
  if (readdirSync(users).length > 0) return;
  try {
    rmdirSync(privsep);
    rmdirSync(users);
  } catch {
    // Another sandbox needs it again, or has removed it.
  }
}
