// Installs tmux-gate on a booted host, plays a visit over it, cuts its power in the middle of another, and boots it again. Started by
// scripts/booted.
//
// The visits are played in the network of that host, so that loopback addresses are that host's.
import { cpSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bootMachine, rootTar, type Machine } from './machine/boot.ts';
import { openDisk } from './machine/disk.ts';
import { expectAfterBoot, expectAfterCut } from './machine/after-power-cut.ts';
import type { BeforeCut } from './machine/until-power-cut.ts';
import { repo } from './sandbox/layout.ts';

/** Starts a program in the network of the host. */
function play(program: string, { pid, root }: Machine, stdout: 'inherit' | 'pipe' = 'inherit'): ChildProcess {
  const script = join(repo, 'scripts/machine', program);
  const words = [process.execPath, '--import', 'tsx', script, String(pid), root];
  return spawn('nsenter', ['-t', String(pid), '--net', ...words], { stdio: ['ignore', stdout, 'inherit'], cwd: repo });
}

async function exitOf(child: ChildProcess): Promise<number> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** Runs the program until it says that the power may be cut. @throws Error with what it said instead */
async function untilCut(child: ChildProcess): Promise<BeforeCut> {
  if (child.stdout === null) throw new Error('nothing can be read of it');
  const said: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('{')) return JSON.parse(line) as BeforeCut;
    said.push(line);
  }
  throw new Error(said.join('\n'));
}

async function main(): Promise<number> {
  await using disk = await openDisk(await rootTar());
  let before: BeforeCut;
  {
    await using machine = await bootMachine(disk.root);
    for (const part of ['dist', 'deploy', 'docs/man', 'sshd_config.example'])
      cpSync(join(repo, part), join(disk.root, 'opt/tmux-gate', part), { recursive: true });
    const code = await exitOf(play('story.ts', machine));
    if (code !== 0) return code;
    const last = play('until-power-cut.ts', machine, 'pipe');
    try {
      before = await untilCut(last);
      await disk.cutPower();
    } finally {
      last.kill();
    }
  }
  await disk.mountAgain();
  await expectAfterCut(disk.root, before);
  await using machine = await bootMachine(disk.root);
  await expectAfterBoot(machine, before);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`booted: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
