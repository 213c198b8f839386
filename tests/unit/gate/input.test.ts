import { describe, expect, test } from '@jest/globals';
import { inputUnder, leaves } from '../../../src/gate/input.ts';
import type { InputRule } from '../../../src/wire/messages.ts';

/** Input whose "soon" comes when the test says so. */
function under(first: InputRule) {
  const changes: InputRule[] = [];
  const tasks: (() => void)[] = [];
  const input = inputUnder(
    first,
    (rule) => changes.push(rule),
    (task) => tasks.push(task),
  );
  const settle = (): void => tasks.splice(0).forEach((task) => task());
  return { input, changes, settle };
}

describe('input', () => {
  test('that never passes stays so, whatever the keeper says and however often it is lost', () => {
    const { input, changes, settle } = under('never');
    for (const rule of ['pass', 'held', 'pass'] as const) input.hear(rule);
    input.lost();
    settle();
    expect([input.rule(), changes]).toEqual(['never', []]);
  });

  test('that is held passes once the keeper says so, and is held again at once', () => {
    const { input, changes, settle } = under('held');
    input.hear('pass');
    settle();
    expect(input.rule()).toBe('pass');
    input.hear('held');
    expect(input.rule()).toBe('held');
    expect(changes).toEqual(['pass', 'held']);
  });

  test('is held until what came before the word is read, and for good where another word comes first', () => {
    const { input, changes, settle } = under('held');
    input.hear('pass');
    expect(input.rule()).toBe('held');
    input.hear('held');
    settle();
    expect([input.rule(), changes]).toEqual(['held', []]);
  });

  test('is held without a keeper where it was ever held, and passes on where it was not', () => {
    const moderated = under('held');
    moderated.input.hear('pass');
    moderated.settle();
    moderated.input.hear('pass');
    moderated.settle();
    moderated.input.lost();
    expect(moderated.input.rule()).toBe('held');
    const plain = under('pass');
    plain.input.lost();
    expect(plain.input.rule()).toBe('pass');
    plain.input.hear('held');
    plain.input.hear('pass');
    plain.settle();
    plain.input.lost();
    expect(plain.input.rule()).toBe('held');
  });

  test('that waits for its word when the keeper is lost stays held', () => {
    const { input, settle } = under('held');
    input.hear('pass');
    input.lost();
    settle();
    expect(input.rule()).toBe('held');
  });

  test('passes within a turn of the event loop of the word', async () => {
    const changed = Promise.withResolvers<InputRule>();
    inputUnder('held', changed.resolve).hear('pass');
    expect(await changed.promise).toBe('pass');
  });
});

test.each(['q', 'Q', 'qq', '\u0003', '\u0004', 'text\u0003more', '\u001b[?1;2cq', '\u001b[>0;276;0cq'])(
  '%j leaves a look',
  (typed) => {
    expect(leaves(Buffer.from(typed))).toBe(true);
  },
);

test.each(['x', 'echo quit\r', '\u001b[?1;2c', '\u001bP1$r0 q\u001b\\', '\u001b[M qq', ''])(
  '%j does not leave a look',
  (typed) => {
    expect(leaves(Buffer.from(typed))).toBe(false);
  },
);
