import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { watchIdle } from '../../../src/gate/idle.ts';

describe('time without a key', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  let jumped: number;
  const watch = () => {
    jumped = 0;
    const heard: string[] = [];
    const began = performance.now();
    const idle = watchIdle(
      { warn: 10_000, end: 15_000 },
      {
        warn: (left) => heard.push(`warn ${Math.ceil(left / 1000)}`),
        back: () => heard.push('back'),
        over: () => heard.push('over'),
      },
      () => performance.now() - began + jumped,
    );
    return { heard, type: (text: string) => idle.touch(Buffer.from(text, 'latin1')), idle };
  };

  test('warns, and ends', () => {
    const { heard } = watch();
    jest.advanceTimersByTime(9_999);
    expect(heard).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(heard).toEqual(['warn 5']);
    jest.advanceTimersByTime(5_000);
    expect(heard).toEqual(['warn 5', 'over']);
  });

  test('begins anew with each key, also after the warning', () => {
    const { heard, type, idle } = watch();
    jest.advanceTimersByTime(9_000);
    type('x');
    jest.advanceTimersByTime(9_000);
    expect(heard).toEqual([]);
    jest.advanceTimersByTime(1_000);
    type('\u001b[A');
    jest.advanceTimersByTime(9_999);
    expect(heard).toEqual(['warn 5', 'back']);
    idle.stop();
    jest.advanceTimersByTime(60_000);
    expect(heard).toEqual(['warn 5', 'back']);
  });

  test('goes on while a terminal answers by itself', () => {
    const { heard, type } = watch();
    const answers = [
      '\u001b[12;40R',
      '\u001b[?1;2c\u001b[>0;276;0c',
      '\u001b[0n',
      '\u001b[?2026;2$y',
      '\u001b[I',
      '\u001b[O',
      '\u001b[?0u\u001b[?1;0;256S\u001b[>4;2m',
      '\u001b[2;1;1;128;128;1;0x',
    ];
    for (const answer of [...answers, '\u001b]11;rgb:0/0/0\u0007', '\u001bP1$r0m\u001b\\', '\u001b[8;24;80t']) {
      jest.advanceTimersByTime(1_000);
      type(answer);
    }
    jest.advanceTimersByTime(4_000);
    expect(heard).toEqual(['warn 5', 'over']);
  });

  test('goes on while answers come in pieces, wherever they are cut', () => {
    const { heard, type } = watch();
    const said = '\u001b[12;40R\u001b[13;1R\u001b]11;rgb:0/0/0\u001b\\\u001bP1$r0m\u001b\\';
    jest.advanceTimersByTime(9_000);
    for (let at = 2; at < said.length; at++) for (const piece of [said.slice(0, at), said.slice(at)]) type(piece);
    jest.advanceTimersByTime(6_000);
    expect(heard).toEqual(['warn 5', 'over']);
  });

  test('begins anew with a key behind the beginning of an answer, and with what is too long to be one', () => {
    const { heard, type } = watch();
    for (const pieces of [['\u001b[', 'A'], ['\u001b[12;40R\u001b', 'x'], [`\u001bP${'x'.repeat(5_000)}`]]) {
      jest.advanceTimersByTime(9_000);
      pieces.forEach(type);
    }
    jest.advanceTimersByTime(9_000);
    expect(heard).toEqual([]);
  });

  test.each(['\u001b', '\u001bb', '\u001b[3~', '\u001bOA', '\u001b[I\r', '\u001b[200~x', ''])(
    '%j is a key',
    (typed) => {
      const { heard, type } = watch();
      jest.advanceTimersByTime(9_000);
      type(typed);
      jest.advanceTimersByTime(9_000);
      expect(heard).toEqual([]);
    },
  );

  test('counts a suspend', () => {
    const { heard } = watch();
    jumped = 3_600_000;
    jest.advanceTimersByTime(2_000);
    expect(heard).toEqual(['over']);
  });
});

test('is counted on the boot clock', () => {
  const over = Promise.withResolvers<undefined>();
  const idle = watchIdle(
    { warn: 1, end: 1 },
    { warn: () => undefined, back: () => undefined, over: () => over.resolve(undefined) },
  );
  return over.promise.finally(() => idle.stop());
});
