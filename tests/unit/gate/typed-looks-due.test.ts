// When the gate asks for a look, and what it keeps without one.
import { describe, expect, test } from '@jest/globals';
import { begin, tty } from './typed-story.ts';

describe('without a look', () => {
  test('nothing is kept but the line that was typed before', () => {
    const { said, key, answer, settled } = begin();
    settled();
    key('ls\r', 500);
    answer(510, { prompts: [false] });
    key('pw', 600);
    answer(610, undefined);
    key('d', 700);
    answer(699, undefined);
    expect(said).toEqual(['500 ls\\r', '600 2 unknown']);
  });

  test('at the end, what a raw terminal read is kept, and the rest is not', () => {
    const { said, key, settled, input } = begin();
    settled();
    key('exit\r', 500);
    key('x', 501);
    input.finish();
    expect(said).toEqual(['500 exit\\r', '501 1 unknown']);
  });
});

describe('a look is due', () => {
  test('often after Enter and the attach, then twice a second until a raw terminal is certain', () => {
    const { input, look } = begin();
    look(0, 'line');
    expect(input.dueIn(0)).toBe(10);
    look(330, 'line');
    expect(input.dueIn(330)).toBe(500);
    look(830, 'raw');
    expect(input.dueIn(831)).toBe(Infinity);
  });

  test('after a key, and a little later after output', () => {
    const { input, key, settled } = begin();
    settled();
    input.output();
    expect(input.dueIn(410)).toBe(90);
    key('x', 410);
    expect(input.dueIn(410)).toBe(40);
  });

  test('after a secret, for half a second at most, and a tenth of one where something is printed; then keys are kept', () => {
    const { said, input, key, look, settled } = begin();
    settled();
    look(500, 'hidden');
    key('pw\r', 600);
    look(920, 'hidden'); // as late as looks come one behind the other
    expect(input.dueIn(920)).toBe(500);
    input.output();
    expect(input.dueIn(920)).toBe(100);
    key('l', 1019);
    look(1020, 'raw');
    key('s', 1022);
    look(1230, 'raw');
    expect(said).toEqual(['600 4 echo', '1022 s']);
  });

  test('for a row that did not fit into the last question', () => {
    const { input, key, settled } = begin();
    settled();
    for (let n = 0; n < 40; n++) key('x', 500, `row ${n}`);
    expect(input.ask(600)).toHaveLength(32);
    input.looked({ ttys: tty('raw'), prompts: Array(32).fill(false) as boolean[] }, 601);
    expect(input.dueIn(601)).toBe(49);
    expect(input.ask(650)).toHaveLength(8);
    input.looked({ ttys: tty('raw'), prompts: Array(8).fill(false) as boolean[] }, 651);
    expect(input.dueIn(651)).toBe(Infinity);
    key('x', 700, 'row 3'); // what is remembered of rows is bounded
    expect(input.ask(750)).toEqual([]);
    input.looked({ ttys: tty('raw'), prompts: [] }, 751);
    key('x', 800, 'row 3, again');
    expect(input.ask(850)).toEqual(['row 3, again']);
  });

  test('again when the last raw terminal is gone, since somebody else may read', () => {
    const { input, look, settled } = begin();
    settled();
    look(900, 'line');
    expect(input.dueIn(901)).toBe(9);
  });
});
