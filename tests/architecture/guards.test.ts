// `npm run guards` takes pieces out of the built programs. It is long and not of the suite, so here is what can be seen without a
// host: that each piece still stands in the build, once. A guard that was rewritten takes its proof along.
import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repo } from '../../scripts/sandbox/layout.ts';
import { stages } from '../e2e/adversary/stages.ts';
import { attacksOf } from '../harness/attack.ts';
import { replaceOnce, type Mutation } from '../harness/mutate.ts';
import type { SourceGuard } from '../harness/source-guards.ts';

const programs = join(repo, 'dist/usr/lib/tmux-gate');

function faultOf(mutation: Mutation, folder = programs): readonly string[] {
  try {
    const text = readFileSync(join(folder, mutation.file), 'utf8');
    replaceOnce(text, mutation);
    return strangers(mutation, text).map((name) => `${mutation.file} knows no ${name}: ${mutation.becomes}`);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Members that the replacement uses and the program does not have: they were renamed, and the mutant would only crash. */
function strangers({ becomes }: Mutation, text: string): readonly string[] {
  const used = Array.from(
    becomes.matchAll(/[\w)\]]\??\.([A-Za-z_]\w*)(?!\w*\s*\??\??=[^=>])/g),
    ([, name = '']) => name,
  );
  const known = (name: string): boolean => [process, [], ''].some((one) => name in Object(one));
  return used.filter(
    (name) => !known(name) && !new RegExp(`\\b${name}\\b`).test(text) && !becomes.includes(`.${name} ??=`),
  );
}

for (const { folder } of Object.values(stages)) {
  const attacks = await attacksOf(folder);
  test(`${folder}: what the guards take out stands in the build, each piece once`, () => {
    const pieces = attacks.flatMap(({ guards }) => guards.flatMap(({ mutations = [] }) => mutations));
    expect(pieces.flatMap((piece) => faultOf(piece))).toEqual([]);
  });
}

test('what takes their place uses no name that the program does not have', () => {
  const mutation = {
    file: 'relay.js',
    piece: 'x',
    becomes: 'running.inlet.write(kept); running.kept ??= []; running.kept.push(1)',
  };
  expect(strangers(mutation, 'running.keys.write(1); list.push(2)')).toEqual(['inlet']);
});

const checks = readdirSync(join(repo, 'tests/guards/checks')).map(
  async (name) => ((await import(`../guards/checks/${name}`)) as { readonly checks: readonly SourceGuard[] }).checks,
);
const lists = await Promise.all(checks);

test('what the guards take out of the sources stands there, each piece once', () => {
  const pieces = lists.flat().flatMap(({ mutations }) => mutations);
  expect(pieces.flatMap((piece) => faultOf(piece, repo))).toEqual([]);
});
