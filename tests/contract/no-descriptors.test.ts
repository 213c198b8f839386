// A host without file descriptors left: a program cannot be started, and whoever wanted it is told. Node then gives a child without
// pipes, and an error that ends the process where nobody listens: the keeper, and with it every visit that waits.
import { expect, test } from '@jest/globals';
import { outcome } from '../../scripts/sandbox/exec.ts';
import { repo } from '../../scripts/sandbox/layout.ts';

const fill = `
import { closeSync, openSync } from 'node:fs';
const { run } = await import('${repo}/src/adapters/tmux-account.ts');
const { askProgram } = await import('${repo}/src/adapters/hooks/program.ts');
const held = [];
try { for (;;) held.push(openSync('/dev/null')); } catch {}
const said = await Promise.allSettled([
  run(['/bin/true'], {}, 5000),
  askProgram(['/bin/true'], { uid: 65534, gid: 65534 }, undefined, 5000),
]);
await new Promise((resolve) => setImmediate(resolve));
for (const fd of held) closeSync(fd);
console.log(said.map(({ status }) => status).join(' '));
`;

test('a program that cannot be started is an error of whoever asked, and of nobody else', async () => {
  const node = [
    process.execPath,
    '--import',
    `${repo}/node_modules/tsx/dist/loader.mjs`,
    '--input-type=module',
    '-e',
    fill,
  ];
  expect(await outcome('prlimit', ['--nofile=128', ...node])).toMatchObject({
    stdout: 'rejected rejected\n',
    code: 0,
  });
});
