// `replay`: shows a recording in the terminal, as it was.
import { commandExits } from '../core/exits.ts';
import { errorLines } from '../core/messages/host.ts';
import { lookingFor, needsTerminal, neverShown, preparing, searchThem, useText } from '../core/messages/recordings.ts';
import { sanitizeLine } from '../core/text.ts';
import { openKeyframes, type Keyframes } from '../recordings/keyframes.ts';
import { Painter } from '../recordings/paint.ts';
import { Player, playerKeys } from '../recordings/player.ts';
import { startOf } from '../recordings/start.ts';
import { lengthOf, Timeline } from '../recordings/timeline.ts';
import type { Layout } from '../wire/layout.ts';
import { withRecording, type Opened } from './open-recording.ts';
import { takeTerminal } from './raw-terminal.ts';
import { typedPlainness } from './typed-plainness.ts';

/** What was typed. */
export interface ReplayOptions {
  readonly id: string;
  readonly speed: number;
  readonly idleMs: number | undefined;
  readonly from: string | undefined;
  readonly reason: string | undefined;
  readonly identity: string | undefined;
}

/** Plays a recording. @returns the exit code */
export async function replay(layout: Layout, options: ReplayOptions): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    process.stderr.write(errorLines(needsTerminal, useText));
    return commandExits.usage;
  }
  const { id, from, ...rest } = options;
  return withRecording(layout, { word: id, what: 'replay', query: from, ...rest }, async (opened) =>
    play(opened, options),
  );
}

async function play(opened: Opened, options: ReplayOptions): Promise<number> {
  const { recording } = opened;
  const { from } = options;
  if (from !== undefined) process.stderr.write(`${lookingFor(from)}\r`);
  const start = from === undefined ? 0 : await startOf(recording, from);
  if (start === undefined) {
    process.stderr.write(errorLines(neverShown(sanitizeLine(from ?? '', 60)), searchThem));
    return commandExits.noInput;
  }
  const leaving = new AbortController();
  const lazy = lazyKeyframes(opened, leaving.signal);
  const timeline = new Timeline(recording, lazy.get);
  try {
    await timeline.seek(start);
    await onTerminal(timeline, await lengthOf(recording), opened, { ...options, leaving });
  } finally {
    timeline.dispose();
    await lazy.close();
  }
  return 0;
}

/** Keyframes are opened, and made, when the first jump needs them. */
function lazyKeyframes(
  { base, recording }: Opened,
  signal: AbortSignal,
): { readonly get: () => Promise<Keyframes>; readonly close: () => Promise<void> } {
  let opened: Promise<Keyframes> | undefined;
  let shown = -1;
  const progress = (done: number): void => {
    const percent = Math.floor(done * 100);
    if (percent !== shown && recording.bytes > 8 * 1024 * 1024) process.stderr.write(`\r${preparing(percent)}`);
    shown = percent;
  };
  return {
    get: async () => (opened ??= openKeyframes(base, recording, progress, signal)),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}

interface Playing extends ReplayOptions {
  readonly leaving: AbortController;
}

async function onTerminal(timeline: Timeline, length: number, { facts }: Opened, options: Playing): Promise<void> {
  const { speed, idleMs, leaving } = options;
  const quit = (): void => {
    leaving.abort();
    player.press('quit');
  };
  const terminal = takeTerminal({
    typed: (text) => {
      for (const key of playerKeys(text))
        if (key === 'quit') quit();
        else player.press(key);
    },
    resized: (size) => {
      painter.resize(size);
      player.press('repaint');
    },
    ended: quit,
  });
  const painter = new Painter(terminal.size, typedPlainness().colour);
  const title = `${facts.login}@${facts.session} ${facts.id}`;
  const idleLimit = idleMs === undefined ? undefined : idleMs / 1000;
  const player = new Player(timeline, painter, terminal, { speed, idleLimit, length, title });
  try {
    await player.run();
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
  } finally {
    terminal.leave();
  }
}
