// sshd's configuration: tried before it is in place, checked as a whole, and read by the running sshd.
//
// 1. sshd is reloaded, never restarted: whoever is connected stays connected. Accident: the admin's own line drops.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sshdRefuses } from '../core/messages/setup-faults.ts';
import { places } from '../core/setup-rules/wanted.ts';
import { SetupFault } from './fault.ts';
import { ask, isBooted, lastLine } from './tools.ts';

/** sshd asks for its folder, which its unit makes. */
async function check(args: readonly string[]): Promise<void> {
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const { code, err } = await ask('sshd', ['-t', ...args]);
  if (code !== 0) throw new SetupFault(sshdRefuses(lastLine(err)));
}

/** Tries a drop-in together with the host's configuration, before it is in place. @throws SetupFault with what sshd says */
export async function tryDropIn(text: string): Promise<void> {
  const folder = await mkdtemp('/run/tmux-gate-sshd-');
  const [dropIn, main] = [join(folder, 'drop-in.conf'), join(folder, 'sshd_config')];
  try {
    await writeFile(dropIn, text, { mode: 0o600 });
    await writeFile(main, `Include ${dropIn}\nInclude ${places.sshdConfig}\n`, { mode: 0o600 });
    await check(['-f', main]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Checks the configuration that is in place. @throws SetupFault with what sshd says */
export const checkSshd = async (): Promise<void> => check([]);

const units = ['ssh.service', 'sshd.service'];

/** Has the running sshd read its configuration again (rule 1); nothing where none runs, as with a socket that starts one for each line. */
export async function reloadSshd(): Promise<void> {
  if (isBooted())
    for (const unit of units)
      if ((await ask('systemctl', ['is-active', '--quiet', unit])).code === 0) {
        await ask('systemctl', ['reload', unit]);
        return;
      }
  if (!existsSync('/run/sshd.pid')) return;
  const pid = Number(await readFile('/run/sshd.pid', 'latin1'));
  if (Number.isSafeInteger(pid) && pid > 1 && (await isSshd(pid))) process.kill(pid, 'SIGHUP');
}

async function isSshd(pid: number): Promise<boolean> {
  return (await readFile(`/proc/${pid}/comm`, 'latin1').catch(() => '')).trim() === 'sshd';
}
