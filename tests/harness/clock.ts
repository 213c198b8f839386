// Gives one program a wall clock of its own (libfaketime), which can be set while it runs. The clocks that count from boot stay, as with
// settimeofday(2).
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { Layout } from '../../scripts/sandbox/layout.ts';

const places = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`);

/** The environment for libfaketime. @param file with the offset in seconds, "+3600" or "-3600"; it is read each time */
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

/** Makes a program of the sandbox use the clock of this file from its next start on; disposing undoes it. */
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

/** Sets the clock of this file to so many seconds after (or, negative, before) the true time. */
export function step(file: string, seconds: number): void {
  writeExact(file, `${seconds < 0 ? '' : '+'}${String(seconds)}\n`, 0o644);
}
