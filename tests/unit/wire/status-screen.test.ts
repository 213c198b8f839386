import { expect, test } from '@jest/globals';
import { byUrgency, type Part, type PartName } from '../../../src/core/health/parts.ts';
import { statusScreen } from '../../../src/wire/status-screen.ts';

const counts = { attached: 3, viewing: 1, held: 0, sessions: 2, kept: 1 };

test('what is wrong, with what to do, then what works and who is there', () => {
  const down: Part = {
    name: 'provider',
    level: 'down',
    detail: 'PROVIDER_DOWN',
    why: 'PROVIDER_DOWN: no way',
    fix: 'look',
  };
  const parts: readonly Part[] = [down, { name: 'keeper', level: 'ok', detail: 'up for 1h' }];
  expect(statusScreen(parts, counts)).toEqual([
    'provider    DOWN  PROVIDER_DOWN: no way',
    '                  fix: look',
    'keeper      ok    up for 1h',
    'attached    3, 1 viewing',
    'sessions    2 running, 1 of them kept',
  ]);
});

test('without why and fix, as everybody sees it', () => {
  expect(statusScreen([{ name: 'disk', level: 'warn', detail: '60 MiB free' }], counts)[0]).toBe(
    'disk        warn  60 MiB free',
  );
});

const names: readonly PartName[] = [
  ...(['sshd', 'sudo', 'journal', 'witness', 'disk', 'recording', 'cgroups'] as const),
  ...(['redis', 'clock', 'provider', 'hooks', 'certificate', 'keeper'] as const),
];

test('thirteen faults at once fit on a screen of 80 by 24; the first have what to do', () => {
  const long = (word: string): string => `${word} `.repeat(30).trim();
  const parts = byUrgency(names.map((name) => ({ name, level: 'down', detail: long('why'), fix: long('do') })));
  const lines = statusScreen(parts, counts);
  expect(lines.length).toBeLessThanOrEqual(23);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines[0]).toMatch(/^sshd {8}DOWN {2}why/);
  expect(lines.slice(1, 4).join('\n')).toContain('fix: do');
  for (const name of names) expect(lines.filter((line) => line.startsWith(`${name} `))).toHaveLength(1);
});
