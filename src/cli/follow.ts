// `replay --follow`: a live connection, as its person sees it. It reads the file that the gate writes and nothing else, so nothing that is
// typed here can reach the session.
import { commandExits } from '../core/exits.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorLines } from '../core/messages/host.ts';
import { connectionOver, needsTerminal, notLive, replayIt, useText } from '../core/messages/recordings.ts';
import { followRecording } from '../recordings/follow.ts';
import { Painter } from '../recordings/paint.ts';
import { playerKeys } from '../recordings/player.ts';
import type { Layout } from '../wire/layout.ts';
import { withRecording, type Opened } from './open-recording.ts';
import { takeTerminal } from './raw-terminal.ts';
import { typedPlainness } from './typed-plainness.ts';

/** Shows a live connection until it ends or the person leaves. @returns the exit code */
export async function follow(layout: Layout, id: string, reason: string | undefined): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    process.stderr.write(errorLines(needsTerminal, useText));
    return commandExits.usage;
  }
  return withRecording(layout, { word: id, what: 'follow', reason, identity: undefined }, async (opened) => {
    const { recording, facts } = opened;
    if (recording.isLive) return show(layout, opened);
    process.stderr.write(errorLines(notLive(facts.id), replayIt(facts.id)));
    return commandExits.noInput;
  });
}

async function show(layout: Layout, { recording, facts }: Opened): Promise<number> {
  const leaving = new AbortController();
  const terminal = takeTerminal({
    typed: (text) => {
      if (playerKeys(text).includes('quit')) leaving.abort();
    },
    resized: (size) => painter.resize(size),
    ended: () => leaving.abort(),
  });
  const painter = new Painter(terminal.size, typedPlainness().colour);
  const isLive = (): boolean => existsSync(join(layout.connections, `${facts.id}.json`));
  const title = `${facts.login}@${facts.session} ${facts.id}`;
  try {
    await followRecording({ recording, painter, isLive, title, write: (text) => terminal.write(text) }, leaving.signal);
  } finally {
    terminal.leave();
  }
  if (!leaving.signal.aborted) process.stdout.write(`${connectionOver(facts.id)}\n`);
  return 0;
}
