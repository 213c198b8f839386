// Runs in a process of its own, started as root: what the gate does to itself, and what is left of it.
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { becomeForGood, isRoot, lowerTo, regainRoot, resetInherited } from '../../src/gate/privilege.ts';

const [uid, gid] = [65_534, 65_533];
const status = (): string => readFileSync('/proc/self/status', 'latin1');
const ids = (name: string): string => (new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status())?.[1] ?? '').trim();
const limits = (): string => readFileSync('/proc/self/limits', 'latin1');

function canRead(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

const tasks: Readonly<Record<string, () => unknown>> = {
  lower: () => {
    const before = isRoot();
    lowerTo(uid);
    const lowered = { root: isRoot(), uids: ids('Uid'), shadow: canRead('/etc/shadow') };
    regainRoot();
    return { before, lowered, after: isRoot() };
  },
  drop: () => {
    becomeForGood(uid, gid);
    return { uids: ids('Uid'), gids: ids('Gid'), groups: ids('Groups'), shadow: canRead('/etc/shadow') };
  },
  dropNothing: () => becomeForGood(0, 0),
  reset: () => {
    resetInherited();
    return {
      umask: ids('Umask'),
      folder: process.cwd(),
      slack: readFileSync('/proc/self/timerslack_ns', 'latin1').trim(),
      oom: readFileSync('/proc/self/oom_score_adj', 'latin1').trim(),
      priority: getPriority(),
      fileSize: /^Max file size +(\S+)/m.exec(limits())?.[1],
      files: Number(/^Max open files +(\d+)/m.exec(limits())?.[1]),
    };
  },
};

try {
  process.stdout.write(JSON.stringify(tasks[process.argv[2] ?? '']?.()));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: (error as Error).message }));
}
