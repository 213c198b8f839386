import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { journaldEntry } from '../../../src/core/journald.ts';

const linesOf = (entry: string): readonly string[] => entry.split('\n');

test('the line itself, its priority, and each field by a name of ours', () => {
  const line = JSON.stringify({
    ...{ at: '2026-11-30T08:00:00.000Z', level: 'warn', event: 'loop-turn-long' },
    ...{ ms: 31, verbs: ['status'], longestTurnMs: 31, login: 'alice', nothing: null },
  });
  expect(linesOf(journaldEntry(`${line}\n`))).toEqual([
    `MESSAGE=${line}`,
    'PRIORITY=4',
    'SYSLOG_IDENTIFIER=tmux-gate',
    'TMUX_GATE_AT=2026-11-30T08:00:00.000Z',
    'TMUX_GATE_EVENT=loop-turn-long',
    'TMUX_GATE_MS=31',
    'TMUX_GATE_VERBS=["status"]',
    'TMUX_GATE_LONGEST_TURN_MS=31',
    'TMUX_GATE_LOGIN=alice',
    'TMUX_GATE_NOTHING=null',
    '',
  ]);
});

test('priorities as syslog has them; what is no object, or has no level, is information', () => {
  const priority = (line: string): string | undefined => linesOf(journaldEntry(line))[1];
  expect(['error', 'warn', 'info', 'odd'].map((level) => priority(JSON.stringify({ level })))).toEqual([
    ...['PRIORITY=3', 'PRIORITY=4', 'PRIORITY=6', 'PRIORITY=6'],
  ]);
  for (const line of ['tmux-gate keeper: cannot start', '[1]', 'null', '7']) {
    expect(linesOf(journaldEntry(line))).toEqual([`MESSAGE=${line}`, 'PRIORITY=6', 'SYSLOG_IDENTIFIER=tmux-gate', '']);
  }
});

test('rules 1 and 2: no field adds a line, and no name is one of journald’s own', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.anything()), (fields) => {
      const entry = journaldEntry(JSON.stringify(fields));
      const lines = linesOf(entry).slice(0, -1);
      expect(lines.slice(0, 3).map((line) => line.split('=')[0])).toEqual(['MESSAGE', 'PRIORITY', 'SYSLOG_IDENTIFIER']);
      for (const line of lines.slice(3)) expect(line).toMatch(/^TMUX_GATE_[A-Z0-9_]{1,54}=/);
    }),
  );
});
