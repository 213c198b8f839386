// Checks that need no host to be tried: each with the test that does not hold without it. `npm run guards` takes each out of a copy of the
// sources and runs that test there. What an attack on a host is to ./attack.ts, the test is here.
//
// 1. A guard is proved only by a test that fails at one of its `expect`s: the tampering went through unseen. A suite that does not load, a
//    test that is not found or an error of the harness proves nothing, and is an error.
// 2. The sources themselves are never changed.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repo } from '../../scripts/sandbox/layout.ts';
import { mutateFile, type Mutation } from './mutate.ts';

export interface SourceGuard {
  /** Its name, in one line. */
  readonly what: string;
  /** The file of the test, below the repository. */
  readonly in: string;
  /** The whole name of the test, as jest joins it. */
  readonly test: string;
  /** Pieces of the sources to replace; `file` is below the repository. */
  readonly mutations: readonly Mutation[];
}

/** A piece of a file below the repository, and what takes its place. */
export const pieceOf = (file: string, piece: string, becomes: string): Mutation => ({ file, piece, becomes });

/** Guards that are proved in one file of tests. @param prefix, suffix what is around the name of each test, as jest joins it */
export const guardsIn =
  (file: string, prefix = '', suffix = '') =>
  (what: string, name: string, ...mutations: readonly Mutation[]): SourceGuard => {
    const test = `${prefix}${name}${suffix}`;
    return { what: `${what}: ${test}`, in: `tests/${file}.test.ts`, test, mutations };
  };

const copied = [
  'src',
  'tests',
  'scripts',
  'docs',
  'deploy',
  'package.json',
  'package-lock.json',
  'jest.config.js',
  'tsconfig.json',
];

/** A copy of the sources, with the packages of the repository. */
function copyOfSources(): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'tmux-gate-sources-')));
  for (const name of copied) cpSync(join(repo, name), join(copy, name), { recursive: true });
  symlinkSync(realpathSync(join(repo, 'node_modules')), join(copy, 'node_modules'));
  return copy;
}

interface Result {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** Runs one test. @returns why it failed; empty when it holds. @throws Error where it did not run (rule 1) */
function failuresOf(copy: string, { in: file, test: name }: SourceGuard): readonly string[] {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const project = file.split('/')[1] ?? '';
  // What a guard was to end may go on without it.
  const options = [
    '--selectProjects',
    project,
    '--runInBand',
    '--forceExit',
    '--colors=false',
    '--json',
    `--outputFile=${report}`,
  ];
  const words = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', ...options];
  const { stderr } = spawnSync(process.execPath, [...words, '--testNamePattern', `^${escaped(name)}$`, '--', file], {
    cwd: copy,
    encoding: 'utf8',
  });
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: readonly { readonly assertionResults: readonly Result[] }[];
  };
  const ran = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName }) => fullName === name);
  if (ran.length === 0 || ran.some(({ status }) => status !== 'passed' && status !== 'failed'))
    throw new Error(`${file} did not run "${name}":\n${stderr}`);
  return ran.flatMap(({ failureMessages }) => failureMessages);
}

/** Defines a test for each guard, taken out alone. */
export function withoutChecks(guards: readonly SourceGuard[]): void {
  let copy = '';
  beforeAll(() => {
    copy = copyOfSources();
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));
  test.each(guards.map((guard) => [guard.what, guard] as const))('is noticed: the lack of %s', (_, guard) => {
    const undo = guard.mutations.map((mutation) => mutateFile(join(copy, mutation.file), mutation));
    try {
      const failures = failuresOf(copy, guard);
      expect(failures.join('\n') || 'the test holds all the same').toMatch(/\bexpect\(/); // rule 1
    } finally {
      for (const step of undo.reverse()) step();
    }
  });
}
