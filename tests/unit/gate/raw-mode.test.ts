import { expect, test } from '@jest/globals';
import type { ReadStream } from 'node:tty';
import { makeFullyRaw } from '../../../src/gate/raw-mode.ts';

test('the terminal is made raw by Node first, so that Node can put it back, and then by stty, whose failure is told', async () => {
  const raw: boolean[] = [];
  const input = { fd: 0, setRawMode: (on: boolean) => raw.push(on) } as unknown as ReadStream & { fd: number };
  await makeFullyRaw(input, '/bin/true');
  expect(raw).toEqual([true]);
  await expect(makeFullyRaw(input, '/bin/false')).rejects.toThrow('cannot be made raw');
  await expect(makeFullyRaw(input, '/bin/no-such-program')).rejects.toThrow('ENOENT');
});
