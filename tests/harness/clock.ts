// A clock of its own for one program (libfaketime): the wall clock can be stepped while it runs, the clocks that count from boot
// cannot, just as settimeofday(2) has it.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { Layout } from '../../scripts/sandbox/layout.ts';

const places = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`);

/** @param file holds by how many seconds the clock is wrong: "+3600" or "-3600"; it is read at every look. */
function faketime(file: string): Readonly<Record<string, string>> {
  const library = places.find((path) => existsSync(path));
  if (library === undefined) throw new Error('libfaketime is not installed: scripts/prepare');
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
}

/** The program below `lib` runs under the clock of this file from its next start on; disposing puts it back. */
export function clocked({ lib }: Layout, program: 'keeper' | 'gate', file: string): Disposable {
  const path = `${lib}/${program}`;
  const text = readFileSync(path, 'utf8');
  const [, flags = ''] = /^#!.*?\/node (.*)$/m.exec(text) ?? [];
  const inside = `${lib}/${program}-clocked`;
  const env = Object.entries(faketime(file)).map((pair) => pair.join('='));
  const put = (at: string, content: string): void => {
    rmSync(at, { force: true });
    writeExact(at, content, 0o755);
  };
  put(inside, text);
  put(path, `#!/bin/sh\nexec env ${env.join(' ')} ${lib}/node ${flags} ${inside}\n`);
  return { [Symbol.dispose]: () => put(path, text) };
}

/** Sets the clock of this file so many seconds before or after the true one. */
export function step(file: string, seconds: number): void {
  writeExact(file, `${seconds < 0 ? '' : '+'}${String(seconds)}\n`, 0o644);
}
