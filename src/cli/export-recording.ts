// `export`: a recording as a file for other programs. Unlike replay, it gives out what was recorded, byte for byte, with every sequence in it.
// So it is not printed on a terminal.
import { commandExits } from '../core/exits.ts';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { errorLines } from '../core/messages/host.ts';
import { exportOnTerminal, exportToFile, otherFile, outputNotWritten } from '../core/messages/recordings.ts';
import { pageMessages } from '../core/messages/page.ts';
import { events3, header3 } from '../core/recording/cast3.ts';
import type { Recording } from '../adapters/recordings/open.ts';
import { readAssets } from '../recordings/page/assets.ts';
import { besides, partsOf } from '../recordings/page/collect.ts';
import { pageOf } from '../recordings/page/page.ts';
import type { Layout } from '../wire/layout.ts';
import { withRecording, type Opened } from './open-recording.ts';

/** Bytes of a recording that a browser still shows. */
const longestPage = 64 * 1024 * 1024;

/** The formats: a page of HTML; asciicast v2, byte for byte as it was recorded, and v3. */
export type ExportFormat = 'html' | 'cast' | 'cast3';

/** What was typed. */
export interface ExportOptions {
  readonly id: string;
  readonly format: ExportFormat;
  /** A file that does not exist yet; undefined: standard output. */
  readonly output: string | undefined;
  readonly reason: string | undefined;
  readonly identity: string | undefined;
}

/** Writes a recording. @returns the exit code */
export async function exportRecording(layout: Layout, options: ExportOptions): Promise<number> {
  const { id, format, output, reason, identity } = options;
  if (output === undefined && process.stdout.isTTY) {
    process.stderr.write(errorLines(exportOnTerminal, exportToFile));
    return commandExits.usage;
  }
  return withRecording(layout, { word: id, what: 'export', query: format, reason, identity }, async (opened) => {
    if (format === 'html' && opened.recording.bytes > longestPage) {
      process.stderr.write(errorLines(pageMessages.tooLong, pageMessages.tooLongHint));
      return commandExits.data;
    }
    try {
      await writeTo(output, format === 'html' ? pageFor(layout, opened) : pieces[format](opened.recording));
      return 0;
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (output === undefined || code === undefined || syscall === undefined) throw error;
      process.stderr.write(errorLines(outputNotWritten(output, code), otherFile));
      return commandExits.cantCreate;
    }
  });
}

/** What is written of a recording, for each format that is asciicast. */
export const pieces: Readonly<
  Record<Exclude<ExportFormat, 'html'>, (recording: Recording) => AsyncGenerator<Buffer | string>>
> = {
  cast: async function* (recording) {
    for (const range of recording.ranges.keys()) yield await recording.range(range);
  },
  cast3: async function* (recording) {
    yield `${header3(recording.header)}\n`;
    const lineOf = events3();
    for await (const event of recording.events()) yield `${lineOf(event)}\n`;
  },
};

async function* pageFor(layout: Layout, { recording, facts, all, identity }: Opened): AsyncGenerator<string> {
  const others = besides(all, facts, identity !== undefined);
  const parts = await partsOf(recording, { facts, others, connections: layout.connections, identity });
  yield pageOf(parts, await readAssets(layout.programs));
}

/** @throws Error of the system, when the file exists too */
async function writeTo(output: string | undefined, all: AsyncGenerator<Buffer | string>): Promise<void> {
  const stream = output === undefined ? process.stdout : createWriteStream(output, { flags: 'wx', mode: 0o600 });
  if (output !== undefined) await once(stream, 'open');
  for await (const piece of all) if (!stream.write(piece)) await once(stream, 'drain');
  if (output === undefined) return;
  stream.end();
  await once(stream, 'close');
}
