// A writer in a process of its own that rotates or trims, and kills itself (kill -9) before the n-th step of that. A step is a call that
// changes the folder. Prints the number of each record that is on disk, and at last how many steps there were.
import { syncBuiltinESMExports } from 'node:module';
import promises from 'node:fs/promises';

const [folder = '', what = '', killAt = ''] = process.argv.slice(2);
let [steps, counting] = [0, false];

/** Kills before the call, where it is the step; the call itself is as it was. */
function counted<F extends (...args: never[]) => unknown>(call: F): F {
  return ((...args: Parameters<F>) => {
    const path = String(args[0]);
    const isIn = path === folder || path.startsWith(`${folder}/`);
    const isStep = counting && isIn && !/checkpoint|\/tile\//.test(path);
    if (isStep && (steps += 1) === Number(killAt)) process.kill(process.pid, 'SIGKILL');
    return call(...args);
  }) as F;
}
for (const name of ['open', 'link', 'rename', 'unlink'] as const) {
  const all = promises as unknown as Record<string, (...args: never[]) => unknown>;
  all[name] = counted(all[name]!);
}
syncBuiltinESMExports();

const { openWriter, keysOf, trimNow } = await import('./segmented-journal.ts');
const keys = await keysOf(folder);
const journal = await openWriter(folder, keys);
const write = async (i: number): Promise<void> => {
  await journal.write('tick', { i, filler: 'x'.repeat(300) });
  process.stdout.write(`${i}\n`);
};
for (let i = 0; i < 8; i += 1) await write(i);
counting = true;
if (what === 'trim') await trimNow(journal, folder, keys);
else for (let i = 8; i < (what === 'much' ? 800 : 15); i += 1) await write(i);
counting = false;
await journal.close();
process.stdout.write(`steps ${steps}\n`);
