// The board of whoever types `watch`, loaded then and not before: nobody else waits for it.
import type { BoardFrame } from '../wire/board-messages.ts';

export interface BoardFace {
  show(frame: BoardFrame): void;
  /** Off the screen, and the terminal as it was. */
  close(): void;
}

/** Shows the newest frame once it is loaded, unless the board was closed meanwhile. */
export function lateBoard(load: () => Promise<BoardFace>): BoardFace {
  let face: BoardFace | undefined;
  let newest: BoardFrame | undefined;
  let loading: Promise<void> | undefined;
  const begin = async (): Promise<void> => {
    face = await load();
    if (newest !== undefined) face.show(newest);
  };
  return {
    show: (frame) => {
      newest = frame;
      if (face === undefined) loading ??= begin();
      else face.show(frame);
    },
    close: () => {
      newest = undefined;
      face?.close();
    },
  };
}
