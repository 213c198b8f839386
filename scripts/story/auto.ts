// Plays the demo's story by itself. Each act is checked while it runs and then shown. The first check that fails ends the story, and shows
// the name of the act and the open screens.
import type { Host } from '../sandbox/host.ts';
import type { Terminal } from '../sandbox/terminal.ts';
import { acts, type Play } from './acts.ts';
import { heading, say, trimmed } from './tell.ts';

/** Plays all acts. @returns whether all of them succeeded */
export async function playAll(host: Host, signal: AbortSignal): Promise<boolean> {
  const play: Play = { host, open: new Map() };
  say('');
  for (const [index, { title, act }] of acts.entries()) {
    heading(`${index + 1}. ${title}`);
    try {
      signal.throwIfAborted();
      await act(play);
    } catch (error) {
      if (!signal.aborted) await failed(`${index + 1}. ${title}`, error, play.open);
      return false;
    }
  }
  heading('Every step happened.');
  return true;
}

async function failed(title: string, error: unknown, open: ReadonlyMap<string, Terminal>): Promise<void> {
  say('', `FAILED in "${title}":`, error instanceof Error ? error.message : String(error));
  for (const [who, terminal] of open) {
    say('', `The screen of ${who}:`, ...trimmed(await terminal.screen()).map((row) => `   ${row}`));
  }
}
