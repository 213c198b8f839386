// What a board shows and what a key on it means: pure, so that every key can be tried.
//
// 1. Only the person's own key selects a row, and what is selected is an id: rows that come and go move no selection, and one that
//    goes leaves nothing selected. Attack: the list moves between the glance and the key, and `a` approves another request.
// 2. A key that acts counts only for what the person sees: while the terminal still has to be drawn it does nothing.
// 3. A question names what it is about and keeps to it, whatever becomes of the list meanwhile.
// 4. One act at a time: until the keeper has dealt with it, no other key is heard but the one that leaves.
import {
  mostRows,
  partNames,
  type ActVerb,
  type BoardFrame,
  type BoardPart,
  type BoardRow,
  type PartName,
} from './board-messages.ts';
import type { Key, KeyName } from './keys.ts';

export interface Question {
  readonly verb: 'deny' | 'revoke';
  readonly of: string;
  /** Who and what it is about. */
  readonly about: string;
  readonly text: string;
  /** The reason is given; a yes is missing. */
  readonly sure: boolean;
}

interface Selection {
  readonly id: string;
  /** Where it was last: the arrows go on from there when it has gone. */
  readonly place: number;
}

export interface Board {
  readonly frame: BoardFrame;
  readonly part: PartName;
  readonly selected: Readonly<Partial<Record<PartName, Selection>>>;
  readonly view: 'list' | 'whole' | 'help';
  /** First line of a view that is longer than the screen. */
  readonly offset: number;
  readonly question: Question | undefined;
  readonly says: readonly string[];
  readonly quiet: boolean;
  /** Acts sent so far. */
  readonly sent: number;
}

export interface Wanted {
  readonly verb: ActVerb;
  readonly id: string;
  readonly reason?: string;
}

/** What a key made of the board, and what it asks for. */
export interface Step {
  readonly board: Board;
  readonly act?: Wanted;
  readonly leave?: boolean;
  readonly repaint?: boolean;
}

const reasonLimit = 400;
const noPart: Omit<BoardPart, 'name'> = { rows: [], more: 0, problem: '' };

export function partOf(frame: BoardFrame, name: PartName): BoardPart {
  return frame.parts.find((part) => part.name === name) ?? { name, ...noPart };
}

export function selectedRow(board: Board): BoardRow | undefined {
  const id = board.selected[board.part]?.id;
  return partOf(board.frame, board.part).rows.find((row) => row.id === id);
}

export function isBusy({ sent, frame }: Board): boolean {
  return frame.answered < sent;
}

/** Rule 1. @returns the board with what the keeper tells now, and whether that is worth a bell. */
export function heard(before: Board | undefined, frame: BoardFrame): { readonly board: Board; readonly bell: boolean } {
  if (before === undefined) return { board: opened(frame), bell: false };
  const says = frame.answered === before.frame.answered ? before.says : frame.says;
  const board: Board = { ...before, frame, says, selected: follow(before.selected, frame) };
  return { board, bell: !before.quiet && hasNews(before.frame, frame) };
}

function opened(frame: BoardFrame): Board {
  const nothing = { selected: {}, view: 'list', offset: 0, question: undefined, quiet: false } as const;
  return { ...nothing, frame, part: 'requests', says: frame.says, sent: frame.answered };
}

function follow(selected: Board['selected'], frame: BoardFrame): Board['selected'] {
  const followed: Partial<Record<PartName, Selection>> = {};
  for (const name of partNames) {
    const one = selected[name];
    if (one === undefined) continue;
    const place = partOf(frame, name).rows.findIndex((row) => row.id === one.id);
    followed[name] = place < 0 ? one : { id: one.id, place };
  }
  return followed;
}

function hasNews(before: BoardFrame, after: BoardFrame): boolean {
  const known = new Set(partOf(before, 'requests').rows.map(({ id }) => id));
  return partOf(after, 'requests').rows.some(({ id, own }) => !own && !known.has(id));
}

/** @param shown whether the terminal shows the board as it is (rule 2). */
export function typed(board: Board, key: Key, shown: boolean): Step {
  if ('name' in key && key.name === 'repaint') return { board, repaint: true };
  if (isBusy(board)) return { board, leave: isLeaving(key) };
  if (board.question !== undefined) return inQuestion(board, board.question, key);
  if ('name' in key) return named({ ...board, says: [] }, key.name, shown);
  return key.pasted ? { board } : lettered({ ...board, says: [] }, key.text, shown);
}

function isLeaving(key: Key): boolean {
  return 'name' in key ? key.name === 'interrupt' : key.text === 'q' && !key.pasted;
}

function named(board: Board, name: KeyName, shown: boolean): Step {
  switch (name) {
    case 'interrupt':
      return { board, leave: true };
    case 'up':
      return { board: moved(board, -1) };
    case 'down':
      return { board: moved(board, 1) };
    case 'tab':
      return { board: { ...list(board), part: following[board.part] } };
    case 'back-tab':
      return { board: { ...list(board), part: preceding[board.part] } };
    case 'enter':
      return { board: board.view === 'list' ? whole(board, shown) : list(board) };
    case 'escape':
      return { board: list(board) };
    case 'erase':
    case 'erase-all':
    case 'repaint':
      return { board };
  }
}

function lettered(board: Board, letter: string, shown: boolean): Step {
  switch (letter) {
    case 'q':
      return board.view === 'list' ? { board, leave: true } : { board: list(board) };
    case 'j':
      return { board: moved(board, 1) };
    case 'k':
      return { board: moved(board, -1) };
    case '?':
      return { board: board.view === 'help' ? list(board) : { ...board, view: 'help', offset: 0 } };
    case 'b':
      return {
        board: { ...board, quiet: !board.quiet, says: [board.quiet ? 'The bell rings.' : 'The bell is silent.'] },
      };
    case 'a':
      return acting(board, 'approve', shown);
    case 'd':
      return acting(board, 'deny', shown);
    case 'r':
      return acting(board, 'revoke', shown);
    default:
      return { board };
  }
}

const list = (board: Board): Board => ({ ...board, view: 'list', offset: 0 });
const hint = (board: Board, text: string): Board => ({ ...board, says: [text] });

function whole(board: Board, shown: boolean): Board {
  if (selectedRow(board) === undefined) return hint(board, 'Select a row first: the arrows, or j and k.');
  return shown ? { ...board, view: 'whole', offset: 0 } : board;
}

const following = { requests: 'grants', grants: 'connections', connections: 'requests' } as const;
const preceding = { requests: 'connections', grants: 'requests', connections: 'grants' } as const;

function moved(board: Board, by: number): Board {
  if (board.view !== 'list') return { ...board, offset: Math.max(0, Math.min(mostRows, board.offset + by)) };
  const { rows } = partOf(board.frame, board.part);
  const before = board.selected[board.part];
  const place = Math.max(0, Math.min(rows.length - 1, nextPlace(before, selectedRow(board) !== undefined, by)));
  const row = rows[place];
  return row === undefined ? board : { ...board, selected: { ...board.selected, [board.part]: { id: row.id, place } } };
}

/** What followed a row that has gone stands in its place. */
function nextPlace(before: Selection | undefined, there: boolean, by: number): number {
  if (before === undefined) return 0;
  return there || by < 0 ? before.place + by : before.place;
}

function acting(board: Board, verb: ActVerb, shown: boolean): Step {
  const row = selectedRow(board);
  if (board.view === 'help') return { board };
  const fits = (board.part === 'requests') === (verb !== 'revoke');
  if (!fits)
    return { board: hint(board, verb === 'revoke' ? 'r is for grants and connections.' : 'a and d are for requests.') };
  if (row === undefined) return { board: hint(board, goneOrNone(board)) };
  if (!shown) return { board };
  if (verb === 'approve') return send(board, { verb, id: row.of });
  const [, who, session] = row.cells.map(({ text = '' }) => text);
  const about = `${row.of} (${String(who)}, ${String(session)})`;
  return { board: { ...list(board), question: { verb, of: row.of, about, text: '', sure: false } } };
}

function goneOrNone({ selected, part }: Board): string {
  const id = selected[part]?.id;
  return id === undefined ? 'Select a row first: the arrows, or j and k.' : `${id} is gone. Select again.`;
}

function send(board: Board, act: Wanted): Step {
  return { board: { ...list(board), question: undefined, sent: board.sent + 1 }, act };
}

const nothingDone = 'Nothing was done.';

const isYes = (key: Key): boolean => 'text' in key && key.text === 'y' && !key.pasted;

/** Rule 3. */
function inQuestion(board: Board, question: Question, key: Key): Step {
  const on = (next: Question | undefined, ...says: string[]): Step => ({ board: { ...board, question: next, says } });
  if (question.sure) return isYes(key) ? send(board, wantedBy(question)) : on(undefined, nothingDone);
  if ('text' in key) return on({ ...question, text: (question.text + key.text).slice(0, reasonLimit) });
  switch (key.name) {
    case 'interrupt':
    case 'escape':
      return on(undefined, nothingDone);
    case 'erase':
      return on({ ...question, text: Array.from(question.text).slice(0, -1).join('') });
    case 'erase-all':
      return on({ ...question, text: '' });
    case 'enter':
      return given(board, question);
    case 'up':
    case 'down':
    case 'tab':
    case 'back-tab':
    case 'repaint':
      return { board };
  }
}

function given(board: Board, question: Question): Step {
  if (question.verb === 'revoke') return { board: { ...board, says: [], question: { ...question, sure: true } } };
  if (question.text.trim() === '') return { board: hint(board, 'A denial needs a reason; escape leaves it.') };
  return send(board, wantedBy(question));
}

function wantedBy({ verb, of: id, text }: Question): Wanted {
  const reason = text.trim();
  return reason === '' ? { verb, id } : { verb, id, reason };
}
