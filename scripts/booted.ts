// Installs tmux-gate on a booted host and plays a visit over it. Started by scripts/booted.
//
// The visit is played in the network of that host, so that loopback addresses are that host's.
import { cpSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bootMachine } from './machine/boot.ts';
import { repo } from './sandbox/layout.ts';

await using machine = await bootMachine();
for (const part of ['dist', 'deploy', 'docs/man', 'sshd_config.example'])
  cpSync(join(repo, part), join(machine.root, 'opt/tmux-gate', part), { recursive: true });
const { status } = spawnSync(
  'nsenter',
  [
    ...['-t', String(machine.pid), '--net', process.execPath, '--import', 'tsx'],
    ...[join(repo, 'scripts/machine/story.ts'), String(machine.pid), machine.root],
  ],
  { stdio: 'inherit', cwd: repo },
);
process.exitCode = status ?? 1;
