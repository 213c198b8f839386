// A version that is too old does not touch the state of a later one.
import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimState, stateFormat } from '../../../src/keeper/state/format.ts';

const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-format-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('state without a number is marked with that of this version, which may then use it again', async () => {
  const path = join(folder, 'new');
  await claimState(path);
  expect(readFileSync(path, 'utf8')).toBe(`${stateFormat}\n`);
  expect(statSync(path).mode & 0o777).toBe(0o644);
  await claimState(path);
});

describe('it is refused and stays as it was', () => {
  test.each([`${stateFormat + 1}\n`, '', '0\n', '1', '-1\n', 'x\n', '1\n2\n'])('%j', async (text) => {
    const path = join(folder, 'other');
    writeFileSync(path, text);
    await expect(claimState(path)).rejects.toThrow(
      expect.objectContaining({
        name: 'StateFormatError',
        message: expect.stringContaining('install the later version'),
      }),
    );
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});
