// `replay --text`: what stood on the screen of a recording, as text. No sequence of the recording is printed: rows are texts of the screen,
// filtered as every text from outside is (core/text.ts).
import { once } from 'node:events';
import { elapsedClock } from '../core/messages/recordings.ts';
import { asciiJson, sanitizeLine } from '../core/text.ts';
import { settledRows } from '../recordings/rows.ts';
import type { Layout } from '../wire/layout.ts';
import { withRecording } from './open-recording.ts';
import type { ReplayOptions } from './replay.ts';

/** A row, with those into which it wrapped, in characters. */
const mostOfRow = 100_000;

/** Prints the rows of the screen as they settled, one a line behind the time. @returns the exit code */
export async function replayText(
  layout: Layout,
  { id, reason, identity }: Pick<ReplayOptions, 'id' | 'reason' | 'identity'>,
  isJson: boolean,
): Promise<number> {
  return withRecording(layout, { word: id, what: 'text', reason, identity }, async ({ recording }) => {
    for await (const { at, text } of settledRows(recording.header, recording.events())) {
      const line = isJson ? asciiJson({ at, text }) : `${elapsedClock(at * 1000)}  ${sanitizeLine(text, mostOfRow)}`;
      if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
    }
    return 0;
  });
}
