// Which keys are kept.
import { describe, expect, test } from '@jest/globals';
import { begin, tty } from './typed-story.ts';

describe('in a raw terminal', () => {
  test('keys are kept, with their times, once a look has seen them', () => {
    const { said, key, look, settled } = begin();
    settled();
    key('l', 500);
    key('s', 520, '$ l');
    expect(said).toEqual([]);
    expect(look(550, 'raw')).toEqual(['$ ']);
    expect(said).toEqual(['500 l', '520 s']);
  });

  test('a key that came after the look began waits for the next', () => {
    const { said, key, look, settled, input } = begin();
    settled();
    key('x', 500);
    input.ask(510);
    key('y', 511, '$ x');
    input.looked({ ttys: tty('raw'), prompts: [false] }, 512);
    expect(said).toEqual(['500 x']);
    look(560, 'raw');
    expect(said).toEqual(['500 x', '511 y']);
  });

  test('a line is kept though what it started has switched echo off since', () => {
    const { said, key, look, settled } = begin();
    settled();
    key('sudo x\r', 500);
    look(510, 'hidden');
    expect(said).toEqual(['500 sudo x\\r']);
  });

  test('that line waits until its row is known not to be a prompt', () => {
    const { said, key, look, settled, answer } = begin();
    settled();
    key('sudo x\r', 500);
    answer(510, { ttys: tty('hidden'), prompts: [] });
    expect(said).toEqual([]);
    look(520, 'hidden');
    expect(said).toEqual(['500 sudo x\\r']);
  });
});

describe('a secret', () => {
  test('is dropped at a prompt of line mode without echo, to its Enter, and what follows is kept', () => {
    const { said, key, look, settled } = begin();
    settled();
    look(500, 'hidden');
    key('hun', 600);
    key('ter2\r', 700);
    look(710, 'line');
    look(720, 'raw');
    key('ls', 900);
    look(910, 'raw');
    expect(said).toEqual(['600 8 echo', '900 ls']);
  });

  test('is dropped when echo is found off only afterwards', () => {
    const { said, key, look, settled } = begin();
    settled();
    key('hun', 500);
    look(510, 'hidden', 'raw');
    expect(said).toEqual([]);
    look(600, 'raw', 'raw');
    expect(said).toEqual(['500 3 echo']);
  });

  test('is dropped from a prompt in a raw terminal to its Enter, also in one piece', () => {
    const { said, key, look, settled } = begin();
    settled();
    key('hun', 500, 'Password: ');
    look(510, 'raw');
    key('ter2\r', 600, 'Password: ***');
    key('again\r', 700, 'Password: ');
    look(710, 'raw');
    look(1200, 'raw');
    expect(said).toEqual(['500 14 prompt']);
  });

  test('a prompt that is known already needs no question', () => {
    const { said, key, look, settled } = begin();
    settled();
    key('one\r', 500, 'Password: ');
    look(510, 'raw');
    key('two\r', 600, 'Password: ');
    expect(look(610, 'raw')).toEqual([]);
    expect(said).toEqual(['500 4 prompt', '600 4 prompt']);
  });

  test('a prompt while echo is off is one mask', () => {
    const { said, key, look, settled, input } = begin();
    settled();
    key('h', 500, 'Password: ');
    look(510, 'hidden');
    key('i\r', 520, 'Password: ');
    input.finish();
    expect(said).toEqual(['500 3 prompt']);
  });

  test('a row that only has more of the same line is not asked about; one with other text is', () => {
    const { key, look, settled } = begin();
    settled();
    key('echo "Pass', 500);
    expect(look(550, 'raw')).toEqual(['$ ']);
    key('word: ', 600, '$ echo "Pass');
    expect(look(650, 'raw')).toEqual([]);
    key('x', 700, 'Password: ');
    expect(look(750, 'raw')).toEqual(['Password: ']);
  });
});

describe('what is typed ahead, after Enter,', () => {
  function after() {
    const story = begin();
    story.settled();
    story.key('run\r', 500);
    return story;
  }

  test('is dropped when echo goes off', () => {
    const { said, key, look, print } = after();
    key('hunter2\r', 505);
    print('hunter2');
    look(510, 'raw');
    look(520, 'unread');
    look(700, 'hidden');
    look(900, 'raw');
    expect(said).toEqual(['500 run\\r', '505 8 echo']);
  });

  test('is dropped when a raw terminal never showed it', () => {
    const { said, key, look } = after();
    key('hunter2\r', 505);
    look(510, 'raw');
    look(820, 'raw');
    expect(said).toEqual(['500 run\\r', '505 8 unseen']);
  });

  test('is kept once the shell reads again and has shown it', () => {
    const { said, key, look, print } = after();
    key('ls\r', 505);
    print('ls');
    look(510, 'unread');
    look(520, 'raw');
    expect(said).toEqual(['500 run\\r', '505 ls\\r']);
  });

  test('keys without Enter are kept once the terminal is raw for good, as an editor has it', () => {
    const { said, key, look } = after();
    key('dd', 505);
    look(510, 'raw');
    expect(said).toEqual(['500 run\\r']);
    look(820, 'raw');
    expect(said).toEqual(['500 run\\r', '505 dd']);
  });

  test('a line that a program has read with echo on is kept, after a look that began once it was shown', () => {
    const { said, key, look, print } = after();
    look(510, 'line');
    key('prod\r', 900);
    print('prod');
    look(910, 'unread');
    look(920, 'line');
    expect(said).toEqual(['500 run\\r', '900 prod\\r']);
  });

  test('a line that is not shown, or not read, waits, and after ten seconds is kept only if it was shown', () => {
    for (const [shown, outcome] of [
      [true, '900 prod\\r'],
      [false, '900 5 unseen'],
    ] as const) {
      const { said, key, look, print } = after();
      look(510, 'line');
      key('prod\r', 900);
      if (shown) print('prod');
      look(920, 'unread');
      look(930, 'unread');
      expect(said).toEqual(['500 run\\r']);
      look(11_000, 'unread');
      look(11_100, 'raw');
      expect(said).toEqual(['500 run\\r', outcome]);
    }
  });

  test('keys without Enter wait as long, in line mode', () => {
    const { said, key, look } = after();
    look(510, 'line');
    key('prod', 900);
    look(920, 'line');
    look(11_000, 'line');
    look(11_100, 'raw');
    expect(said).toEqual(['500 run\\r', '900 4 unseen']);
  });

  test('a program in another window does not count', () => {
    const story = begin();
    story.look(10, 'raw', 'line');
    story.look(400, 'raw', 'line');
    story.key('x\r', 500);
    story.look(510, 'raw', 'line');
    story.key('jj', 520);
    story.look(830, 'raw', 'line');
    expect(story.said).toEqual(['500 x\\r', '520 jj']);
  });

  test('too much to wait is decided at once', () => {
    const { said, key, look, print } = after();
    look(510, 'line');
    print('a'.repeat(40_000));
    key('a'.repeat(40_000), 600);
    key('b'.repeat(40_000), 601);
    look(700, 'line');
    expect(said.map((text) => text.slice(0, 12))).toEqual(['500 run\\r', '600 aaaaaaaa', '601 40000 un']);
  });

  test('too much in a raw terminal is kept at once', () => {
    const { said, key, settled } = begin();
    settled();
    key('a'.repeat(70_000), 600);
    expect(said).toHaveLength(1);
  });
});
