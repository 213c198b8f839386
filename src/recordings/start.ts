// Where a replay begins: a time, a part of the whole, or a text that stood on the screen.
import type { Recording } from '../adapters/recordings/open.ts';
import { parseDuration } from '../core/time.ts';
import { settledRows } from './rows.ts';
import { lengthOf } from './timeline.ts';

const clock = /^(?:(\d{1,4}):)?(\d{1,2}):(\d{2})$/;
const share = /^(\d{1,3}(?:\.\d+)?)%$/;

/**
 * @param from a time such as `12m`, `754s` or `1:02:03`, a part such as `90%`, or a text
 * @returns seconds since the beginning; undefined when the text never stood on the screen
 * @throws Unreadable when the recording is damaged
 */
export async function startOf(recording: Recording, from: string): Promise<number | undefined> {
  const ms = from === '0s' ? 0 : parseDuration(from);
  if (ms !== undefined) return ms / 1000;
  const [, hours = '0', minutes, seconds] = clock.exec(from) ?? [];
  if (minutes !== undefined) return (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  const [, percent] = share.exec(from) ?? [];
  if (percent !== undefined) return ((await lengthOf(recording)) * Math.min(100, Number(percent))) / 100;
  for await (const { at, text } of settledRows(recording.header, recording.events()))
    if (text.includes(from)) return at;
  return undefined;
}
