import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const child = join(import.meta.dirname, 'gate-privilege-child.ts');

function run(task: string, ...before: string[]): unknown {
  const [file, ...args] = [...before, process.execPath, '--no-warnings', child, task];
  return JSON.parse(execFileSync(file, args, { encoding: 'utf8' })) as unknown;
}

test("law 10: until go the effective uid is the caller's, and root can be taken back for the pty", () => {
  expect(run('lower')).toEqual({
    before: true,
    lowered: { root: false, uids: '0\t65534\t0\t65534', shadow: false },
    after: true,
  });
});

test('law 10: after go root is dropped for good: real, effective, saved and all groups', () => {
  expect(run('drop')).toEqual({
    uids: '65534\t65534\t65534\t65534',
    gids: '65533\t65533\t65533\t65533',
    groups: '65533',
    shadow: false,
  });
});

test('law 10: a gate that stays root does not go on', () => {
  expect(run('dropNothing')).toEqual({ error: 'root was not dropped' });
});

const usual = { umask: '0077', folder: '/', slack: '50000', oom: '0', fileSize: 'unlimited' };

test('law 4: limits and slack that a caller hands through sudo are reset', () => {
  // Soft limits: a container may lack CAP_SYS_RESOURCE, without which nobody raises a hard one (getrlimit(2)).
  const hostile = ['/bin/sh', '-c', 'ulimit -S -f 1; ulimit -S -n 64; cd /tmp; umask 0; exec nice -n 5 "$@"', 'sh'];
  expect(run('reset', ...hostile)).toEqual({ ...usual, priority: 0, files: 1024 });
});

test('law 4: limits that are as usual are left alone', () => {
  expect(run('reset', '/bin/sh', '-c', 'ulimit -n 2048; exec "$@"', 'sh')).toMatchObject({ ...usual, files: 2048 });
});
