// Shows a recording that is being written, as its person sees it now.
import { setTimeout } from 'node:timers/promises';
import type { Recording } from '../adapters/recordings/open.ts';
import { playerStatus } from '../core/messages/recordings.ts';
import { draw } from './make-keyframes.ts';
import type { Painter } from './paint.ts';
import { Screen } from './screen.ts';

/** Between two pictures, and between two looks at the file: milliseconds. */
const frameMs = 50;
const lookMs = 100;
/** How long it draws before others have a turn: milliseconds. */
const turnMs = 30;

export interface Following {
  readonly recording: Recording;
  readonly painter: Pick<Painter, 'paint' | 'isCut'>;
  /** Whether the connection goes on. */
  readonly isLive: () => boolean;
  /** What is shown, for the status. */
  readonly title: string;
  /** Whether to paint now; a terminal that is not ready gets the newest screen once it is. Left out: always. */
  readonly isReady?: () => boolean;
  readonly write: (text: string) => void;
}

/** Shows it until the connection ends or the signal aborts. @throws Unreadable when the recording is damaged */
export async function followRecording(following: Following, signal: AbortSignal): Promise<void> {
  const { recording, painter, write } = following;
  const { width, height } = recording.header;
  const screen = new Screen({ cols: width, rows: height });
  const status = { state: 'live', at: 0, length: 0, speed: 1, title: following.title, marker: undefined } as const;
  const show = (): void => {
    if (following.isReady?.() === false) return;
    write(painter.paint(screen, playerStatus({ ...status, isCut: painter.isCut(screen) })));
  };
  const more = async (): Promise<boolean> => {
    const goesOn = following.isLive();
    show();
    await setTimeout(lookMs, undefined, { signal });
    return goesOn;
  };
  try {
    let [shownAt, turn] = [-Infinity, performance.now()];
    for await (const event of recording.events(0, more)) {
      draw(screen, event);
      const now = performance.now();
      if (now - turn < turnMs) continue;
      if (now - shownAt > frameMs) show();
      shownAt = now;
      await setTimeout(0, undefined, { signal });
      turn = performance.now();
    }
    show();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    screen.dispose();
  }
}
