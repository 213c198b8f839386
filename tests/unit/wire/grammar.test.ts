import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { refusal } from '../../../src/core/refusal.ts';
import { commandLimit } from '../../../src/wire/frames.ts';
import { parseCommand, printCommand, type Command } from '../../../src/wire/grammar.ts';
import { verbNames } from '../../../src/wire/verbs.ts';

function read(text: string): Command {
  const parsed = parseCommand(text);
  if (!('command' in parsed)) throw new Error(`${text}: ${parsed.code} ${JSON.stringify(parsed.names)}`);
  return parsed.command;
}
const codeOf = (text: string): string => {
  const parsed = parseCommand(text);
  return 'command' in parsed ? `parsed as ${parsed.command.verb}` : parsed.code;
};
const problemOf = (text: string): unknown => {
  const parsed = parseCommand(text);
  return 'command' in parsed ? undefined : parsed.names['problem'];
};

const piece = fc.oneof(
  fc.constantFrom(
    ...verbNames,
    'prod-db',
    'K7QF',
    '20m',
    '7d',
    '400d',
    'alice',
    '--json',
    '--for',
    '--since',
    '--login',
    '--follow',
    '--prepare',
    '--leaked',
    '--fleet',
  ),
  fc.constantFrom(
    '--session',
    '--reason',
    '--for=20m',
    '--login=--reason',
    '--session=--json',
    '--reason=',
    '-x',
    ';',
    '$(id)',
  ),
  fc.string({ maxLength: 10 }),
);
const typed = fc.oneof(
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(' ')),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

describe('what is typed behind ssh', () => {
  test.each<[string, Partial<Command>]>([
    ['', { verb: 'attach', words: [] }],
    ['  \t ', { verb: 'attach', words: [] }],
    ['prod-db', { verb: 'attach', words: ['prod-db'] }],
    ['attach grants', { verb: 'attach', words: ['grants'] }],
    ['--for 20m --reason INC-1 look', { verb: 'attach', words: [], forMs: 1_200_000, reason: 'INC-1 look' }],
    ['prod-db --view', { verb: 'attach', words: ['prod-db'], view: true }],
    ['--view --for 20m', { verb: 'attach', words: [], view: true, forMs: 1_200_000 }],
    ['prod-db --for=1h30m', { words: ['prod-db'], forMs: 5_400_000 }],
    ['approve K7QF M2XX --for 20m', { verb: 'approve', words: ['K7QF', 'M2XX'], forMs: 1_200_000 }],
    ['deny K7QF --reason not now', { verb: 'deny', words: ['K7QF'], reason: 'not now' }],
    ['requests --json', { verb: 'requests', json: true }],
    ['lock --all --reason it burns', { verb: 'lock', words: [], all: true, reason: 'it burns' }],
    ['history --since 7d --login alice --session=prod-db', { since: '7d', login: 'alice', session: 'prod-db' }],
    ['history --since yesterday', { since: 'yesterday' }],
    ['history --since=2026-11-28', { since: '2026-11-28' }],
    [
      'replay K7QF --follow --reason INC-1 look',
      { verb: 'replay', words: ['K7QF'], follow: true, reason: 'INC-1 look' },
    ],
    ['keys list --json', { verb: 'keys', words: ['list'], json: true }],
    ['keys rotate --prepare', { verb: 'keys', words: ['rotate'], prepare: true }],
    ['grants --fleet', { verb: 'grants', words: [], fleet: true }],
    [
      'request prod-db@web-[01-40],db-* --for 30m --reason INC-7 a; b',
      { verb: 'request', words: ['prod-db@web-[01-40],db-*'], forMs: 1_800_000, reason: 'INC-7 a; b' },
    ],
    ['keys rotate --leaked --reason INC-7', { verb: 'keys', words: ['rotate'], leaked: true, reason: 'INC-7' }],
    ['keys rotate --for 2h', { verb: 'keys', words: ['rotate'], forMs: 7_200_000 }],
    ['help', { verb: 'help', words: [] }],
    ['--help', { verb: 'help', words: [] }],
    ['help --help', { verb: 'help', words: [] }],
    ['approve --help', { verb: 'help', words: ['approve'] }],
    ['approve K7QF -h --for', { verb: 'help', words: ['approve'] }],
    ['prod-db --help', { verb: 'help', words: ['attach'] }],
    ['deny K7QF --reason --help', { verb: 'deny', reason: '--help' }],
  ])('%j is understood', (text, command) => {
    expect(read(text)).toMatchObject(command);
  });

  test('law 9: a reason is taken verbatim, metacharacters, flags and all', () => {
    for (const reason of [
      '$(rm -rf /); `id` && x > y | z "q" \'p\'',
      'a  b --for 20m --json',
      '--reason twice',
      '=x',
      '',
    ]) {
      expect(read(`prod-db --reason ${reason}`).reason).toBe(reason);
      expect(read(`prod-db --reason=${reason}`).reason).toBe(reason);
    }
  });

  test('law 9: metacharacters anywhere else are refused in words', () => {
    for (const text of [
      'approve $(id)',
      'approve `id`',
      'approve K7QF;id',
      'approve K7QF|sh',
      'approve ../x',
      'approve a*',
    ]) {
      expect(problemOf(text)).toContain('nothing here is run by a shell');
    }
    for (const text of [
      '$(id) --help',
      'ls -la',
      'uptime; id',
      'bash -c id',
      '-la',
      '$(id)',
      "'prod-db'",
      'cat /etc/shadow',
    ]) {
      expect(codeOf(text)).toBe('NOT_A_VERB');
    }
  });

  test.each([
    'scp -t /tmp',
    'rsync --server',
    'git-upload-pack x',
    'git x',
    'sftp',
    'internal-sftp -f AUTH',
    '/usr/lib/openssh/sftp-server',
    'mosh-server new',
    'svnserve',
  ])('%s carries files, and is told that this gate does not', (text) => {
    expect(codeOf(text)).toBe('NO_FILES');
  });

  test.each([
    ['requests --for 20m', 'Unknown option --for. Valid: --json'],
    ['requests --view', 'Unknown option --view. Valid: --json'],
    ['prod-db --view=yes', 'The option --view takes no value'],
    ['requests --json=x', 'The option --json takes no value'],
    ['lock --all=x', 'The option --all takes no value'],
    ['requests --all', 'Unknown option --all. Valid: --json'],
    ['requests x', 'Too many words. Type: requests [--json]'],
    ['requests --reason x', 'The command requests takes no --reason'],
    ['approve', 'Something is missing. Type: approve ID [ID ...] [--for 20m] [--reason ...]'],
    [`approve ${'K7QF '.repeat(17)}`, 'Too many words. Type: approve ID [ID ...] [--for 20m] [--reason ...]'],
    ['approve K7QF --for', 'The option --for needs a value'],
    ['approve K7QF --for=', 'The option --for needs a value'],
    ['approve K7QF --for 20', 'Not a time: "20". Use 45s, 20m or 1h'],
    ['approve K7QF --for=x --reason y', 'Not a time: "x". Use 45s, 20m or 1h'],
    ['approve K7QF --for=20m=', 'Not a time: "20m=". Use 45s, 20m or 1h'],
    ['history --login $x', 'Not a name: "$x"'],
    ['history --login --json', 'Not a name: "--json"'],
    ['history --login=--reason', 'Not a name: "--reason"'],
    ['give-back -x', 'Unknown option -x. This command has none'],
    ['history --since x', 'Not a time: "x". Use 90m, 24h, 7d, yesterday or 2026-11-28'],
    ['history --since=2026-02-30', 'Not a time: "2026-02-30". Use 90m, 24h, 7d, yesterday or 2026-11-28'],
    ['approve --for 20m K7QF -', 'Unknown option -. Valid: --for, --reason'],
    ['history --login', 'The option --login needs a value'],
    ['review --period 2026', 'Not a period: "2026". Use 2026-Q3, 2026-07 or 2026-07-01..2026-09-30'],
    ['review --looked-at=0A', 'Not a SHA-256: "0A". Take the 64 characters that the listing ends with'],
  ])('%j is refused: %s', (text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });

  test('--reason without words is an empty reason, not a flag without a value', () => {
    expect(read('approve K7QF --for=20m --reason')).toMatchObject({ forMs: 1_200_000, reason: '' });
    expect(problemOf('approve K7QF --reasons x')).toBe('Unknown option --reasons. Valid: --for, --reason');
    expect(problemOf('approve K7QF --for --reason x')).toBe('The option --for needs a value');
  });

  test('too long a command is not looked at', () => {
    expect(codeOf('x'.repeat(commandLimit + 1))).toBe('COMMAND_TOO_LONG');
    expect(codeOf(`prod-db --reason ${'x'.repeat(commandLimit - 17)}`)).toBe('parsed as attach');
  });

  test.each([
    'attach prod-db --for 30m --reason INC-1 look',
    'attach prod-db --view --for 30m --reason INC-1 look',
    'history --json --since 365d --login alice --session prod-db',
    'lock --all --reason it burns',
    'lock alice --force --reason it burns',
    'history --csv --login alice --approver bob',
    `review --csv --session prod-db --period 2026-07-01..2026-09-30 --looked-at ${'0a'.repeat(32)} --reason all of it`,
    'replay K7QF --follow --reason INC-1 look',
    'keys rotate --prepare',
    'keys rotate --json --leaked --reason INC-7',
    'request prod-db@role=web,x-? --json --view --reason INC-7',
    'help',
  ])('%j prints as it was typed', (text) => {
    expect(printCommand(read(text))).toBe(text);
  });

  test('what parses prints back to what parses to the same', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseCommand(text);
        if ('command' in parsed) expect(parseCommand(printCommand(parsed.command))).toEqual(parsed);
      }),
      { numRuns: 3000 },
    );
  });

  test('never throws, and a refusal of it is a sentence that can be shown', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseCommand(text);
        if ('command' in parsed) return;
        const { say } = refusal(parsed.code, { host: 'prod-box', ...parsed.names });
        expect(say).not.toMatch(/[\p{C}\p{Zl}\p{Zp}…]{2}/u);
        expect(say).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
