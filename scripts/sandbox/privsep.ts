// /run/sshd, the empty folder that sshd needs. Where the system has none, the sandboxes make it and the last one
// removes it: each that needs it leaves a file of its own in `users`.
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const privsep = '/run/sshd';
const users = '/run/tmux-gate-sandboxes';

export function holdPrivsep(prefix: string): void {
  if (existsSync(privsep) && !existsSync(users)) return; // the system's own
  mkdirSync(users, { recursive: true, mode: 0o755 });
  writeFileSync(join(users, prefix), '');
  mkdirSync(privsep, { recursive: true, mode: 0o755 });
}

export function releasePrivsep(prefix: string): void {
  if (!existsSync(users)) return;
  rmSync(join(users, prefix), { force: true });
  if (readdirSync(users).length > 0) return;
  rmdirSync(users);
  rmdirSync(privsep);
}
