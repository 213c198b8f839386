// `npm run guards` takes pieces out of the built programs. It is long and not of the suite, so here is what can be seen without a
// host: that each piece still stands in the build, once. A guard that was rewritten takes its proof along.
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repo } from '../../scripts/sandbox/layout.ts';
import { stages } from '../e2e/adversary/stages.ts';
import { checks as evidence } from '../guards/checks/evidence.ts';
import { checks as story } from '../guards/checks/evidence-story.ts';
import { checks as log } from '../guards/checks/log.ts';
import { attacksOf } from '../harness/attack.ts';
import { replaceOnce, type Mutation } from '../harness/mutate.ts';

const programs = join(repo, 'dist/usr/lib/tmux-gate');

function faultOf(mutation: Mutation, folder = programs): readonly string[] {
  try {
    replaceOnce(readFileSync(join(folder, mutation.file), 'utf8'), mutation);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

for (const { folder } of Object.values(stages)) {
  const attacks = await attacksOf(folder);
  test(`${folder}: what the guards take out stands in the build, each piece once`, () => {
    const pieces = attacks.flatMap(({ guards }) => guards.flatMap(({ mutations = [] }) => mutations));
    expect(pieces.flatMap((piece) => faultOf(piece))).toEqual([]);
  });
}

test('what the guards take out of the sources stands there, each piece once', () => {
  const pieces = [...evidence, ...story, ...log].flatMap(({ mutations }) => mutations);
  expect(pieces.flatMap((piece) => faultOf(piece, repo))).toEqual([]);
});
