import { expect, test } from '@jest/globals';
import { helpFor, nameACommand, typedProblem } from '../../../../src/core/messages/host.ts';

test('an option that no command has is named as it was typed', () => {
  expect(typedProblem('Unknown argument: foo', ['grants', '--foo=1'])).toBe('Unknown option --foo');
  expect(typedProblem('Unknown arguments: f, bar', ['grants', '-f'])).toBe('Unknown option -f');
  expect(typedProblem(nameACommand, ['--foo'])).toBe('Unknown option --foo');
});

test('a word too many, too few words, and what yargs says well itself', () => {
  expect(typedProblem('Unknown argument: there', ['grants', 'there'])).toBe('Unexpected word: "there"');
  expect(typedProblem('Not enough non-option arguments: got 0, need at least 1', ['approve'])).toBe(
    'Too few words: 0 of at least 1',
  );
  expect(typedProblem(nameACommand, [])).toBe(nameACommand);
  expect(typedProblem('Did you mean grants?', ['grant'])).toBe('Did you mean grants?');
});

test('help is of the command, where there is one', () => {
  expect(helpFor(['grants', '--foo'], ['grants'])).toBe('see: tmux-gate help grants');
  expect(helpFor([], ['grants'])).toBe('tmux-gate --help');
});
