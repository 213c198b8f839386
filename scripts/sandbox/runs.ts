// A row of a screen as runs of cells that look alike, for pictures of it.
import type { IBufferCell, IBufferLine } from '@xterm/headless';

export interface Look {
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
  /** One of the 16 colours of a terminal; undefined: its own. */
  readonly colour: number | undefined;
  readonly background: number | undefined;
}

export interface Run extends Look {
  /** The column of its first cell. */
  readonly at: number;
  readonly text: string;
}

const lookOf = (cell: IBufferCell): Look => ({
  bold: cell.isBold() !== 0,
  dim: cell.isDim() !== 0,
  inverse: cell.isInverse() !== 0,
  colour: cell.isFgPalette() ? cell.getFgColor() : undefined,
  background: cell.isBgPalette() ? cell.getBgColor() : undefined,
});

const isAlike = (a: Look, b: Look): boolean =>
  a.bold === b.bold &&
  a.dim === b.dim &&
  a.inverse === b.inverse &&
  a.colour === b.colour &&
  a.background === b.background;

export function runsOf(line: IBufferLine | undefined): readonly Run[] {
  const runs: Run[] = [];
  for (let at = 0; line !== undefined && at < line.length; at += 1) {
    const cell = line.getCell(at);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const look = lookOf(cell);
    const text = cell.getChars() === '' ? ' ' : cell.getChars();
    const last = runs.at(-1);
    if (last !== undefined && isAlike(last, look)) runs[runs.length - 1] = { ...last, text: last.text + text };
    else runs.push({ ...look, at, text });
  }
  return runs;
}
