import { expect, test } from '@jest/globals';
import { countKeys, endsLine, isPrinted, linesOf } from '../../../src/gate/typed-keys.ts';

test.each([
  ['', 0],
  ['größe', 5],
  ['😀\r', 2],
  ['\u001b[A\u001bOM\u001bx\u001b[<0;3;4M', 4],
  ['\u001b', 1],
])('%j is so many keys', (text, keys) => {
  expect(countKeys(text)).toBe(keys);
});

test.each([
  ['', []],
  ['ls', ['ls']],
  ['ls\rpwd\ncat\u0004', ['ls\r', 'pwd\n', 'cat\u0004']],
  ['a\u0003\u001a\u001cb', ['a\u0003', '\u001a', '\u001c', 'b']],
  ['x\u001bOMy\u001b[A', ['x\u001bOM', 'y\u001b[A']],
])('%j is cut after each key that ends a line', (text, lines) => {
  expect(linesOf(text)).toEqual(lines);
  expect(lines.map(endsLine)).toEqual(lines.map((line) => !/(?:^|[^O])[a-zA-Z]$/.test(line)));
});

test.each([
  ['\r', '', true],
  ['\u001b[A\r', '', true],
  ['ls -l\r', '$ ls -l', true],
  ['ls -l\r', '$ ls-l', true],
  ['abc\r', 'a1b2c3', true],
  ['abc\r', 'a123456789b', false],
  ['abc\r', 'xa12345678bcabc', true],
  ['cd /va\tlo\t\r', 'cd /var/log/', true],
  ['lx\u007fs\r', 'lx s', true],
  ['hunter2\r', '$ ', false],
  ['hunter2\r', 'h'.repeat(600), false],
  ['hunter2\r', 'hunter', false],
])('whether %j is printed in %j', (line, printed, is) => {
  expect(isPrinted(line, printed)).toBe(is);
});
