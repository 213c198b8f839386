import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { keeperDown, policyReloaded, reloadYourself } from '../core/messages/setup.ts';
import type { Layout } from '../wire/layout.ts';

/** Has the keeper take the new policy. @returns what to say of it */
export async function toldKeeper({ keeperSocket, programs }: Layout): Promise<string> {
  if (!existsSync(keeperSocket)) return keeperDown;
  return promisify(execFile)(`${programs}/tmux-gate`, ['reload']).then(
    () => policyReloaded,
    () => reloadYourself,
  );
}
