// What the tests of sessions stand on: a throwaway account, cgroups of their own, a config where root alone writes.
import { spawn } from '@lydell/node-pty';
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from '../../src/adapters/accounts.ts';
import { openCgroups } from '../../src/adapters/cgroup.ts';
import type { CgroupHandle } from '../../src/adapters/cgroup-handle.ts';
import { attachArgv, forgetServer, startServer, type Places, type Server } from '../../src/adapters/tmux.ts';
import { asAccount, program } from '../../src/adapters/tmux-account.ts';
import { throwaway } from './accounts-throwaway.ts';

export interface Running extends AsyncDisposable {
  readonly server: Server;
}

export interface Attached extends Disposable {
  readonly seen: () => string;
  /** The client's. */
  readonly pid: number;
}

export interface Bench extends AsyncDisposable {
  readonly account: Account;
  /** Root's, 0755, for a test's own files. */
  readonly folder: string;
  readonly layout: Places;
  fresh(kind?: 's' | 'c', id?: string): Promise<CgroupHandle>;
  running(more?: { readonly account?: Account }): Promise<Running>;
  /** What a program that runs as the account, in the cgroup, says; "failed: ..." when it fails. */
  ask(cgroup: CgroupHandle, ...words: string[]): Promise<string>;
  tmux(server: Server, ...words: string[]): Promise<string>;
  attach(server: Server): Promise<Attached>;
}

export const idOf = (cgroup: CgroupHandle): string => cgroup.path.split('/').at(-1)!;

/** Until something holds; what other processes do raises no event here. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 3_000; round++) {
    if (await holds()) return;
    await delay(20);
  }
  throw new Error('it never came to hold');
}

export async function bench(): Promise<Bench> {
  const own = await throwaway();
  const { account } = own;
  // Not below /tmp, and not the account's: a config is believed only where root alone writes.
  const root = mkdtempSync('/run/tmux-gate-test-');
  chmodSync(root, 0o755);
  const layout = { sessions: `${root}/s`, tmuxConf: `${root}/tmux.conf` };
  copyFileSync(`${import.meta.dirname}/../../deploy/tmux.conf`, layout.tmuxConf);
  chmodSync(layout.tmuxConf, 0o644);
  const cgroups = await openCgroups(root.slice('/run/'.length));
  let next = 0;
  const fresh: Bench['fresh'] = (kind = 's', id = `T${next++}`) => cgroups.create(kind, id);
  const ask: Bench['ask'] = (cgroup, ...words) => asking(asAccount(account, cgroup.procsFile, words));
  return {
    account,
    folder: own.folder,
    layout,
    fresh,
    ask,
    running: async (more = {}) => {
      const cgroup = await fresh();
      return runningFrom(
        layout,
        await startServer({ layout, session: 'prod-db', id: idOf(cgroup), account, cgroup, ...more }),
      );
    },
    tmux: ({ cgroup, socket }, ...words) => ask(cgroup, program('tmux'), '-N', '-S', socket, ...words),
    attach: (server) => attach(server, account),
    [Symbol.asyncDispose]: async () => {
      for (const kind of ['s', 'c'] as const) {
        for (const id of await cgroups.all(kind)) await (await cgroups.find(kind, id))?.end();
      }
      await cgroups.removeEmpty();
      rmSync(root, { recursive: true, force: true });
      await own[Symbol.asyncDispose]();
    },
  };
}

function runningFrom(layout: Places, server: Server): Running {
  const end = async (): Promise<void> => {
    await server.cgroup.end();
    await forgetServer(layout, server.id);
  };
  return { server, [Symbol.asyncDispose]: end };
}

function asking([file = '', ...args]: readonly string[]): Promise<string> {
  const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' };
  return new Promise((resolve) => {
    execFile(file, args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve(error === null ? stdout : `failed: ${stderr}`);
    });
  });
}

async function attach({ cgroup, socket, session }: Server, account: Account): Promise<Attached> {
  const [file = '', ...args] = asAccount(account, cgroup.procsFile, attachArgv({ socket, session, utf8: true }));
  const env = { PATH: '/usr/bin:/bin', TERM: 'xterm-256color', LANG: 'C.UTF-8' };
  const pty = spawn(file, args, { cols: 120, rows: 24, cwd: '/', env });
  let seen = '';
  pty.onData((text) => (seen += text));
  await until(() => seen.includes('[prod-db]'));
  return { seen: () => seen, pid: pty.pid, [Symbol.dispose]: () => pty.kill('SIGKILL') };
}
