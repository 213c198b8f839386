// Pictures for a terminal that is far away: at most one is kept, however slow it is.
import { expect, jest, test } from '@jest/globals';
import type { Recording } from '../../../src/adapters/recordings/open.ts';
import type { CastEvent } from '../../../src/core/recording/cast.ts';
import { followRecording } from '../../../src/recordings/follow.ts';
import { Pictures } from '../../../src/recordings/pictures.ts';

const size = { cols: 40, rows: 5 };

function open(limit = 4) {
  const given: string[] = [];
  const pictures = new Pictures(size, false, { give: (part) => void given.push(part), limit });
  return { given, pictures };
}

test('a picture goes out in parts, each after the terminal has taken the one before; no character is halved', () => {
  const { given, pictures } = open();
  expect(pictures.isReady).toBe(true);
  pictures.show('abc\u{1f600}defg');
  expect([given, pictures.isReady]).toEqual([['abc'], false]);
  pictures.taken(size);
  pictures.taken(size);
  expect([given.join(''), pictures.isReady]).toEqual(['abc\u{1f600}defg', false]);
  pictures.taken(size);
  expect(pictures.isReady).toBe(true);
  pictures.show('abc\u{1f600}defg');
  expect(given.length).toBe(3);
});

test('another size paints the whole next screen; the same one does not, and no size is without bounds', () => {
  const { pictures } = open();
  const again = jest.spyOn(pictures.painter, 'resize');
  pictures.taken(size);
  expect(again).not.toHaveBeenCalled();
  pictures.taken({ cols: 10_000, rows: 10_000 });
  expect(again).toHaveBeenCalledWith({ cols: 1000, rows: 500 });
});

test('attack: a terminal that takes nothing gets one picture, however much the session prints', async () => {
  const { given, pictures } = open(64 * 1024);
  const paint = jest.spyOn(pictures.painter, 'paint');
  async function* events(): AsyncGenerator<CastEvent> {
    for (let n = 0; n < 2_000; n++) {
      yield { at: n, code: 'o', data: `line ${n}\r\n` };
      if (n % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  const recording = { header: { width: 40, height: 10 }, events } as unknown as Recording;
  const following = { recording, painter: pictures.painter, isLive: () => true, title: 't' };
  const never = new AbortController().signal;
  await followRecording({ ...following, isReady: () => pictures.isReady, write: (text) => pictures.show(text) }, never);
  expect([given.length, paint.mock.calls.length]).toEqual([1, 1]);
});
