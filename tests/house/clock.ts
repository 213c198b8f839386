// A clock of its own for one program (libfaketime): the wall clock can be stepped while it runs, the clocks that count from boot
// cannot, just as settimeofday(2) has it.
import { existsSync } from 'node:fs';

const places = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`);

/** @param file holds by how many seconds the clock is wrong: "+3600" or "-3600"; it is read at every look. */
export function faketime(file: string): Readonly<Record<string, string>> {
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
