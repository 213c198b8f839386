// Faults of real parts (killed, full, stopped), and the check that all works again after one.
import { expect } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { account } from '../../scripts/sandbox/accounts.ts';
import { must } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Layout } from '../../scripts/sandbox/layout.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { ofUids } from '../../scripts/sandbox/processes.ts';
import type { Terminal } from '../../scripts/sandbox/terminal.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections } from './inside.ts';
import type { Mutation } from './mutate.ts';
import { plain, type Seen } from './refused.ts';
import { endIt, letIn } from './visits.ts';

/** Expects that all works again: all connections are ended, a whole visit works and leaves nothing behind, and the journal verifies. */
export async function expectInOrder(host: Host, person: Person = host.people.alice): Promise<void> {
  for (const { grant } of connections(host.layout)) await host.cli(['revoke', grant]);
  const inside = await letIn(host, person);
  await answers(inside, 'order');
  await endIt(host, inside);
  await expectNobody(host);
  expect(await host.cli(['audit', 'verify'])).toMatchObject({ code: 0 });
}

/** Waits until there is no connection and no process of the session account. */
export async function expectNobody(host: Host): Promise<void> {
  await eventually('nobody is attached', () => connections(host.layout).length === 0);
  await eventually('the session account runs nothing', () => sessionProcesses(host).length === 0);
}

/** The pids of the session account's processes. */
export function sessionProcesses({ layout }: Host): readonly number[] {
  return ofUids([account(layout.sessionAccount).uid]);
}

/** Types a command and waits for its output: input reaches the session, and output the person. @param word makes the output unique */
export async function answers({ terminal }: { readonly terminal: Terminal }, word: string): Promise<void> {
  terminal.type(`echo "$((20+22))-${word}"\r`);
  await terminal.until(`42-${word}`);
}

/** Kills the keeper (kill -9) and waits until it is gone. */
export async function killKeeper({ keeper }: Host): Promise<void> {
  keeper.kill('SIGKILL');
  await keeper.exit;
}

/** Stops the keeper as systemd would, and starts it again; waits until it is ready. */
export async function restartKeeper({ keeper }: Host): Promise<void> {
  await keeper.stop();
  await keeper.start();
}

/** Expects a refusal with this code and exit code. */
export function expectCode({ code, text }: Seen, refused: string, exit: number): void {
  expect(plain(text)).toContain(`[${refused}]`);
  expect(code).toBe(exit);
}

/** Where the keeper dies: just before or after a record of this event is on disk, or before a grant is written to the store. */
export type Fall = `${'before' | 'after'} ${string}` | 'at store.grant';

const wish = `(() => {
  try {
    return process.getBuiltinModule('node:fs').readFileSync(import.meta.dirname + '/fall', 'utf8').split(' ');
  } catch {
    return [];
  }
})()`;

/** Makes a keeper kill itself (kill -9) where `fallAt` says; otherwise it is as it was built. */
export const falling: readonly Mutation[] = [
  {
    file: 'keeper',
    piece: 'await this.#file.append(',
    becomes: `await (async (text) => {
      const fall = (when) => {
        const [wanted, event] = ${wish};
        if (wanted === when && text.includes('"event":"' + event + '"')) process.kill(process.pid, 'SIGKILL');
      };
      fall('before');
      await this.#file.append(text);
      fall('after');
    })(`,
  },
  {
    file: 'keeper',
    piece: 'await deps.store.grant(',
    becomes: `await (${wish}[1] === 'store.grant' && process.kill(process.pid, 'SIGKILL'), deps.store).grant(`,
  },
];

/** From now on the keeper dies there; disposing ends that. */
export function fallAt({ lib }: Layout, where: Fall): Disposable {
  writeFileSync(`${lib}/fall`, where);
  return { [Symbol.dispose]: () => rmSync(`${lib}/fall`) };
}

/**
 * Mounts a small file system over a folder, with a copy of its content; disposing unmounts it. `fill` fills it, `free` undoes that.
 * @param keeps whether what was written meanwhile stays in the folder
 */
export async function smallDisk(
  folder: string,
  size: string,
  keeps = false,
): Promise<AsyncDisposable & { fill(): void; free(): void }> {
  const { mode, uid, gid } = statSync(folder);
  const kept = mkdtempSync(join(tmpdir(), 'tmux-gate-disk-'));
  await must('cp', ['-a', `${folder}/.`, kept]);
  const options = `size=${size},mode=${(mode & 0o7777).toString(8)},uid=${String(uid)},gid=${String(gid)}`;
  await must('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  await must('cp', ['-a', `${kept}/.`, folder]);
  await must('chmod', [(mode & 0o7777).toString(8), folder]);
  const ballast = `${folder}/ballast`;
  return {
    fill: () => fill(ballast),
    free: () => rmSync(ballast, { recursive: true }),
    [Symbol.asyncDispose]: async () => {
      if (keeps) await must('cp', ['-a', `${folder}/.`, kept]);
      await must('umount', ['-l', folder]);
      if (keeps) await must('cp', ['-a', `${kept}/.`, folder]);
      rmSync(kept, { recursive: true });
    },
  };
}

/** Writes files until nothing more fits. */
function fill(ballast: string): void {
  mkdirSync(ballast);
  for (const size of [65_536, 4_096, 1]) {
    try {
      for (let at = 0; ; at++) writeFileSync(`${ballast}/${String(size)}-${String(at)}`, Buffer.alloc(size, 1));
    } catch {
      // that size is full
    }
  }
}
