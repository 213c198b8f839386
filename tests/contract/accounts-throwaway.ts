// An account for one test file: marked, with a home of its own, gone afterwards with all that ran as it.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { accountByName, type Account } from '../../src/adapters/accounts.ts';

export interface Throwaway extends AsyncDisposable {
  readonly account: Account;
  /** Root's, 0755; removed at the end. */
  readonly folder: string;
}

export async function throwaway(): Promise<Throwaway> {
  const folder = mkdtempSync('/tmp/tmux-gate-test-');
  chmodSync(folder, 0o755);
  const name = `tgtest-${randomBytes(4).toString('hex')}`;
  const home = `${folder}/home`;
  execFileSync('useradd', ['-M', '-U', '-l', '-p', '*', '-c', 'tmux-gate test', '-d', home, '-s', '/bin/bash', name]);
  const account = await accountByName(name);
  if (account === undefined) throw new Error(`${name} was not made`);
  mkdirSync(home, { mode: 0o700 });
  chownSync(home, account.uid, account.gid);
  return { account, folder, [Symbol.asyncDispose]: () => remove(name, folder) };
}

function remove(name: string, folder: string): Promise<void> {
  execFileSync('userdel', ['--force', name], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
  return Promise.resolve();
}
