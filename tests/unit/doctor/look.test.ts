import { expect, test } from '@jest/globals';
import { rowsOf, sudoersComment } from '../../../src/doctor/look.ts';

test('rows are without comments and empty lines; in sudoers a number behind # is a uid', () => {
  const rule = '%gated ALL=(#0) NOPASSWD: /usr/lib/tmux-gate/gate ""';
  const text = `# who may\n\n  ${rule} # and nothing else\n#-1 is no comment either\n`;
  expect(rowsOf(text, sudoersComment)).toEqual([rule, '#-1 is no comment either']);
  expect(rowsOf('a # b\n#c\n')).toEqual(['a']);
});
