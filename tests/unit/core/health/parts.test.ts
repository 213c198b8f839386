import { expect, test } from '@jest/globals';
import { byUrgency, forEverybody, worstOf, type Part, type PartName } from '../../../../src/core/health/parts.ts';

const part = (name: PartName, level: Part['level']): Part => ({ name, level, detail: name });
const order = (parts: readonly Part[]): readonly string[] => byUrgency(parts).map(({ name }) => name);

test('what does not work comes first, then what needs somebody soon, and each by its urgency', () => {
  expect(order([part('keeper', 'ok'), part('certificate', 'warn'), part('redis', 'down')])).toEqual([
    ...['redis', 'certificate', 'keeper'],
  ]);
  expect(order([part('clock', 'down'), part('disk', 'down'), part('sshd', 'down'), part('journal', 'down')])).toEqual([
    ...['sshd', 'journal', 'disk', 'clock'],
  ]);
  expect(order([part('sshd', 'warn'), part('keeper', 'down')])).toEqual(['keeper', 'sshd']);
});

test('the worst level; a host without parts is in order', () => {
  expect(worstOf([part('keeper', 'ok'), part('clock', 'warn')])).toBe('warn');
  expect(worstOf([part('keeper', 'warn'), part('clock', 'down')])).toBe('down');
  expect(worstOf([])).toBe('ok');
});

test('whoever is not root learns neither why nor what to do', () => {
  const whole: Part = { name: 'sshd', level: 'down', detail: 'a', why: 'b', fix: 'c' };
  expect(forEverybody(whole)).toEqual({ name: 'sshd', level: 'down', detail: 'a' });
});
