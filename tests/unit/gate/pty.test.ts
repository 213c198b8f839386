// The real node-pty: these fail when what it keeps to itself, and ./pty.ts leans on, changes.
import { describe, expect, test } from '@jest/globals';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { openPty, requireNonBlocking, type Pty } from '../../../src/gate/pty.ts';

const ptyOf = (...argv: readonly string[]): Pty => openPty({ argv, term: 'xterm', lang: 'C', cols: 80, rows: 24 });

async function ended(pty: Pty): Promise<number> {
  return new Promise((resolve) => pty.onExit((exitCode) => resolve(exitCode)));
}

/** The hangup of a closed pty may have ended its child already. */
function killIfThere({ pid }: Pty): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    expect(error).toMatchObject({ code: 'ESRCH' });
  }
}

test('node-pty has the version whose private fields src/gate/pty.ts knows', () => {
  const path = new URL('../../../node_modules/@lydell/node-pty/package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string };
  const head = readFileSync(new URL('../../../src/gate/pty.ts', import.meta.url), 'utf8').split('\n\n')[0];
  expect(head).toContain(`node-pty ${version} `);
});

describe('a pty', () => {
  test('passes what its child says, as bytes, and tells its end', async () => {
    const pty = ptyOf('/bin/sh', '-c', 'stty -echo -icanon; printf "%s %s\\303" "$TERM" "$LANG"; read x; exit 3');
    const said: Buffer[] = [];
    const queue = pty.input({ mayPass: () => true, onRoom: () => undefined });
    pty.onData((bytes) => {
      said.push(bytes);
      if (Buffer.concat(said).includes(0xc3)) queue.write(Buffer.from('\n'));
    });
    expect(await ended(pty)).toBe(3);
    expect(Buffer.concat(said).toString('latin1')).toBe('xterm C\u00c3');
  });

  test('takes what it can of much that nobody reads, without waiting', async () => {
    const pty = ptyOf('/bin/sh', '-c', 'stty raw -echo; echo ready; exec sleep 600');
    const queue = pty.input({ mayPass: () => true, onRoom: () => undefined });
    await new Promise<void>((resolve) => pty.onData(() => resolve()));
    queue.write(Buffer.alloc(300_000, 'a'));
    expect(queue.isFull()).toBe(true);
    pty.pause();
    pty.resume();
    pty.resize(100, 30);
    const end = ended(pty);
    pty.close();
    queue.write(Buffer.from('late'));
    killIfThere(pty);
    await end;
    // What waited for a pty that is closed is forgotten at the next try.
    while (queue.isFull()) await new Promise((resolve) => setImmediate(resolve));
    queue.close();
  });

  test('keeps what its child says, and its end, until somebody listens', async () => {
    const pty = ptyOf('/bin/sh', '-c', 'printf early; exit 4');
    while (existsSync(`/proc/${pty.pid}`)) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 50)); // some turns of the loop, in which it could be lost
    const said: Buffer[] = [];
    pty.onData((bytes) => said.push(bytes));
    expect(await ended(pty)).toBe(4);
    expect(Buffer.concat(said).toString()).toBe('early');
  });

  test('is refused where writing to it would block', () => {
    const fd = openSync('/dev/null', 'w');
    expect(() => requireNonBlocking(fd)).toThrow('would block');
    closeSync(fd);
  });
});
