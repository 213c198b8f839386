// The tar of evidence is one that every tar reads.
import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { tarEnd, tarHeader, tarPadding } from '../../../../src/core/evidence/tar.ts';

test('GNU tar reads the header, the padding and the end', () => {
  const content = 'x'.repeat(513);
  const tar = tarHeader('evidence-K7QF2M/records.jsonl', 513) + content + '\0'.repeat(tarPadding(513)) + tarEnd;
  const input = Buffer.from(tar, 'latin1');
  expect(input.length % 512).toBe(0);
  expect(execFileSync('tar', ['tf', '-'], { input, encoding: 'utf8' })).toBe('evidence-K7QF2M/records.jsonl\n');
  expect(execFileSync('tar', ['xOf', '-'], { input, encoding: 'utf8' })).toBe(content);
  expect([tarPadding(0), tarPadding(512)]).toEqual([0, 0]);
});
