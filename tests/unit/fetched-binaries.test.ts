// Binaries of other processors come from a registry: no other than those that were pinned are used.
import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepOnly } from '../../scripts/packaging/binaries.ts';

test('a binary with another digest than the pinned one is not used, and removed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-binary-'));
  const file = join(folder, 'node.tgz');
  try {
    writeFileSync(file, 'pinned');
    const pinned = `sha512-${createHash('sha512').update('pinned').digest('base64')}`;
    keepOnly(file, pinned);
    expect(existsSync(file)).toBe(true);
    writeFileSync(file, 'pinned, and something else');
    expect(() => keepOnly(file, pinned)).toThrow('is pinned');
    expect(existsSync(file)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
