// Node's real stream on a real pty: these fail when the private field that src/gate/tty-handle.ts uses changes.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { WriteStream } from 'node:tty';
import { openPty, requireNonBlocking, type Pty } from '../../../src/gate/pty.ts';
import { neverBlock } from '../../../src/gate/raw-mode.ts';
import { setBlocking } from '../../../src/gate/tty-handle.ts';

interface Inside {
  readonly _handle: { readonly fd: number; readonly setBlocking: unknown } | null;
}

let pty: Pty;
let out: WriteStream & Inside;

beforeEach(async () => {
  pty = openPty({ argv: ['/bin/sh', '-c', 'echo; exec sleep 600'], term: 'xterm', lang: 'C', cols: 80, rows: 24 });
  await new Promise<void>((resolve) => pty.onData(() => resolve()));
  out = new WriteStream(openSync(`/proc/${pty.pid}/fd/0`, 'r+')) as WriteStream & Inside;
});

afterEach(async () => {
  out.destroy();
  const ended = new Promise<void>((resolve) => pty.onExit(() => resolve()));
  process.kill(pty.pid, 'SIGKILL');
  await ended;
  pty.close();
});

test('the head of the file names the version of Node that runs this', () => {
  const head = readFileSync(new URL('../../../src/gate/tty-handle.ts', import.meta.url), 'utf8').split('\n\n')[0];
  const seen = [...(/Seen in Node ([\d. and]+);/.exec(head ?? '')?.[1] ?? '').matchAll(/(\d+)\.\d+/g)];
  expect(seen.map(([, major]) => major)).toContain(process.versions.node.split('.')[0]);
});

test("a terminal's stream has the handle, and can be told never to block", () => {
  expect(typeof out._handle).toBe('object');
  expect(typeof out._handle?.setBlocking).toBe('function');
  const fd = Number(out._handle?.fd);
  expect(() => requireNonBlocking(fd)).toThrow('would block');
  neverBlock(out);
  expect(() => requireNonBlocking(fd)).not.toThrow();
  expect(setBlocking(out, true)).toBe(true);
  expect(() => requireNonBlocking(fd)).toThrow('would block');
});

test('a closed stream has no handle, which is told', async () => {
  out.destroy();
  await once(out, 'close');
  expect(out._handle).toBeNull();
  expect(setBlocking(out, false)).toBe(false);
  expect(setBlocking({}, false)).toBe(false);
  expect(() => neverBlock(out)).toThrow('would block');
});
