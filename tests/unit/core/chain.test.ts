import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { afterLine, emptyChain, follow, nextLink, type ChainState } from '../../../src/core/chain.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function chainOf(events: readonly string[]): readonly string[] {
  let state = emptyChain;
  return events.map((event) => {
    const text = JSON.stringify({ ...nextLink(state), event });
    state = afterLine(state, text, sha256);
    return text;
  });
}

/** The line at which the chain breaks, or its state when it does not. */
function check(lines: readonly string[]): number | ChainState {
  let state = emptyChain;
  for (const text of lines) {
    const next = follow(state, text, sha256);
    if ('problem' in next) return next.line;
    state = next;
  }
  return state;
}

const events = fc.array(fc.string(), { minLength: 2, maxLength: 12 });

describe('law 7: a chain of records', () => {
  test('is whole as it was written', () => {
    fc.assert(fc.property(events, (list) => expect(check(chainOf(list))).toMatchObject({ n: list.length })));
  });

  test('shows an edit of any record but the last, whose edit shows against the signed head', () => {
    fc.assert(
      fc.property(events, fc.nat(), (list, pick) => {
        const lines = [...chainOf(list)];
        const at = pick % list.length;
        lines[at] = lines[at]!.replace('"event"', '"Event"');
        const result = check(lines);
        if (at < list.length - 1) expect(result).toBe(at + 2);
        else expect(result).not.toEqual(check(chainOf(list)));
      }),
    );
  });

  test('shows a cut, a swap and an insertion', () => {
    const lines = chainOf(['a', 'b', 'c', 'd']);
    const [a, b, c, d] = lines as [string, string, string, string];
    expect(check([a, c, d])).toBe(2);
    expect(check([b, c, d])).toBe(1);
    expect(check([a, c, b, d])).toBe(2);
    expect(check([a, b, b, c, d])).toBe(3);
  });

  test.each([
    '',
    'x',
    'null',
    '7',
    '[]',
    '{}',
    '{"n":1}',
    '{"n":"1","prev":""}',
    '{"n":1,"prev":7}',
    '{"n":1.5,"prev":""}',
  ])('shows %j, which is no record', (text) => {
    expect(follow(emptyChain, text, sha256)).toEqual({ line: 1, problem: 'is not a journal record' });
  });

  test('says in words which line does not follow', () => {
    const [a, b] = chainOf(['a', 'b']) as [string, string];
    expect(follow(emptyChain, b, sha256)).toMatchObject({ problem: expect.stringContaining('has number 2 where 1') });
    const edited = afterLine(emptyChain, `${a} `, sha256);
    expect(follow(edited, b, sha256)).toMatchObject({ problem: expect.stringContaining('edited') });
  });
});
