// The unit that undoes an unconfirmed change at the next boot, before sshd starts. It is there only while a change waits.
import { dirname } from 'node:path';
import { lookAt, put } from './found.ts';
import { isBooted } from './tools.ts';

const unit = '/etc/systemd/system/tmux-gate-init-boot.service';
const wanted = '/etc/systemd/system/multi-user.target.wants/tmux-gate-init-boot.service';

const textOf = (
  command: readonly string[],
): string => `# Made by tmux-gate init, and removed when its change is kept or undone.
[Unit]
Description=undo of an unconfirmed change of tmux-gate init
Before=ssh.service sshd.service ssh.socket

[Service]
Type=oneshot
ExecStart=${command.join(' ')}
`;

/** Makes the unit, where systemd runs the host. @param command the guard */
export async function armBoot(command: readonly string[]): Promise<void> {
  if (!isBooted()) return;
  const bytes = Buffer.from(textOf(command)).toString('base64');
  await put(unit, { kind: 'file', bytes, mode: 0o644, uid: 0, gid: 0 });
  if ((await lookAt(dirname(wanted))).kind === 'absent')
    await put(dirname(wanted), { kind: 'folder', mode: 0o755, uid: 0, gid: 0 });
  await put(wanted, { kind: 'link', to: unit });
}

/** Removes it, also when only a part of it is there. */
export async function disarmBoot(): Promise<void> {
  for (const path of [wanted, unit]) if ((await lookAt(path)).kind !== 'absent') await put(path, { kind: 'absent' });
}
