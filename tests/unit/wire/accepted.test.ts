import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { acceptEnvLine } from '../../../src/wire/accepted.ts';

test('doctor and probe name the line that sshd_config.example has', () => {
  const shipped = readFileSync(join(import.meta.dirname, '../../../sshd_config.example'), 'utf8');
  const lines = shipped.split('\n').map((line) => line.trim());
  expect(lines.filter((line) => line.startsWith('AcceptEnv'))).toEqual([acceptEnvLine]);
});
