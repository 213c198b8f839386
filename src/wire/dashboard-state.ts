// The state of a dashboard, and what each key does to it. Pure, so that tests can try every key.
//
// 1. Only the person's own keys select a row, and the selection is an id: rows that come and go do not move it, and when its row goes,
//    nothing is selected. Attack: the list moves just before the person presses `a`, and another request is approved.
// 2. A key that acts works only on what the person sees: while the terminal does not show the current state, it does nothing. Attack:
//    as in rule 1, on a slow terminal.
// 3. A question names what it is about and stays with it, however the list changes. Attack: as in rule 1, while a reason is typed.
// 4. One action at a time: until the keeper has answered it, every other key but leaving and redrawing is dropped. Accident: keys that
//    were typed for one screen act on the next.
import {
  aboutRow,
  bellOff,
  bellOn,
  denialNeedsReason,
  emptyList,
  firstSelected,
  nothingDone,
  reviewElsewhere,
  revokeElsewhere,
  selectAgain,
} from '../core/messages/dashboard.ts';
import {
  mostRows,
  partNames,
  type ActVerb,
  type DashboardFrame,
  type DashboardPart,
  type DashboardRow,
  type PartName,
} from './dashboard-messages.ts';
import type { Key, KeyName } from './keys.ts';

/** The reason that is being typed for a denial or a revocation. */
export interface Question {
  readonly verb: 'deny' | 'revoke';
  readonly of: string;
  /** Id, login and session, as the question shows them. */
  readonly about: string;
  readonly text: string;
  /** The reason is complete, and the person is asked for a last "y". */
  readonly sure: boolean;
}

interface Selection {
  readonly id: string;
  /** Its last position, from which the arrow keys go on when the row has gone. */
  readonly place: number;
}

/** Everything that a dashboard shows; it never changes, each step makes a new one. */
export interface DashboardState {
  readonly frame: DashboardFrame;
  readonly part: PartName;
  readonly selected: Readonly<Partial<Record<PartName, Selection>>>;
  readonly view: 'list' | 'whole' | 'help';
  /** First line of a view that is longer than the screen. */
  readonly offset: number;
  readonly question: Question | undefined;
  /** Lines for the person: the result of the last action, or a hint. */
  readonly says: readonly string[];
  /** Whether the bell is switched off. */
  readonly quiet: boolean;
  /** The number of the last action that was sent. */
  readonly sent: number;
}

/** An action for the keeper. */
export interface Wanted {
  readonly verb: ActVerb;
  readonly id: string;
  readonly reason?: string;
}

/** The state after a key, and what the caller has to do. */
export interface Step {
  readonly dashboard: DashboardState;
  readonly act?: Wanted;
  readonly leave?: boolean;
  readonly repaint?: boolean;
}

const reasonLimit = 400;
const noPart: Omit<DashboardPart, 'name'> = { rows: [], more: 0, problem: '' };

/** A part of what the keeper sent; empty if it is missing. */
export function partOf(frame: DashboardFrame, name: PartName): DashboardPart {
  return frame.parts.find((part) => part.name === name) ?? { name, ...noPart };
}

/** The selected row of the part that is shown; undefined when none is selected, or it has gone. */
export function selectedRow(dashboard: DashboardState): DashboardRow | undefined {
  const id = dashboard.selected[dashboard.part]?.id;
  return partOf(dashboard.frame, dashboard.part).rows.find((row) => row.id === id);
}

/** Whether the keeper has not answered the last action yet (rule 4). */
export function isBusy({ sent, frame }: DashboardState): boolean {
  return frame.answered < sent;
}

/**
 * The state after a message of the keeper; the selection stays on its id (rule 1).
 * @returns the state, and whether to ring the bell for a new request of somebody else.
 */
export function heard(
  before: DashboardState | undefined,
  frame: DashboardFrame,
): { readonly dashboard: DashboardState; readonly bell: boolean } {
  if (before === undefined) return { dashboard: opened(frame), bell: false };
  const says = frame.answered === before.frame.answered ? before.says : frame.says;
  const dashboard: DashboardState = { ...before, frame, says, selected: follow(before.selected, frame) };
  return { dashboard, bell: !before.quiet && hasNews(before.frame, frame) };
}

function opened(frame: DashboardFrame): DashboardState {
  const nothing = { selected: {}, view: 'list', offset: 0, question: undefined, quiet: false } as const;
  return { ...nothing, frame, part: 'requests', says: frame.says, sent: frame.answered };
}

function follow(selected: DashboardState['selected'], frame: DashboardFrame): DashboardState['selected'] {
  const followed: Partial<Record<PartName, Selection>> = {};
  for (const name of partNames) {
    const one = selected[name];
    if (one === undefined) continue;
    const place = partOf(frame, name).rows.findIndex((row) => row.id === one.id);
    followed[name] = place < 0 ? one : { id: one.id, place };
  }
  return followed;
}

function hasNews(before: DashboardFrame, after: DashboardFrame): boolean {
  const known = new Set(partOf(before, 'requests').rows.map(({ id }) => id));
  return partOf(after, 'requests').rows.some(({ id, own }) => !own && !known.has(id));
}

/** What a key does. @param shown whether the terminal shows the current state (rule 2) */
export function typed(dashboard: DashboardState, key: Key, shown: boolean): Step {
  if ('name' in key && key.name === 'repaint') return { dashboard, repaint: true };
  if (isBusy(dashboard)) return { dashboard, leave: isLeaving(key) };
  if (dashboard.question !== undefined) return inQuestion(dashboard, dashboard.question, key);
  if ('name' in key) return named({ ...dashboard, says: [] }, key.name, shown);
  return key.pasted ? { dashboard } : lettered({ ...dashboard, says: [] }, key.text, shown);
}

function isLeaving(key: Key): boolean {
  return 'name' in key ? key.name === 'interrupt' : key.text === 'q' && !key.pasted;
}

function named(dashboard: DashboardState, name: KeyName, shown: boolean): Step {
  switch (name) {
    case 'interrupt':
      return { dashboard, leave: true };
    case 'up':
      return { dashboard: moved(dashboard, -1) };
    case 'down':
      return { dashboard: moved(dashboard, 1) };
    case 'tab':
      return { dashboard: { ...list(dashboard), part: following[dashboard.part] } };
    case 'back-tab':
      return { dashboard: { ...list(dashboard), part: preceding[dashboard.part] } };
    case 'enter':
      return { dashboard: dashboard.view === 'list' ? whole(dashboard, shown) : list(dashboard) };
    case 'escape':
      return { dashboard: list(dashboard) };
    case 'erase':
    case 'erase-all':
    case 'repaint':
      return { dashboard };
  }
}

function lettered(dashboard: DashboardState, letter: string, shown: boolean): Step {
  switch (letter) {
    case 'q':
      return dashboard.view === 'list' ? { dashboard, leave: true } : { dashboard: list(dashboard) };
    case 'j':
      return { dashboard: moved(dashboard, 1) };
    case 'k':
      return { dashboard: moved(dashboard, -1) };
    case '?':
      return { dashboard: dashboard.view === 'help' ? list(dashboard) : { ...dashboard, view: 'help', offset: 0 } };
    case 'b':
      return {
        dashboard: {
          ...dashboard,
          quiet: !dashboard.quiet,
          says: [dashboard.quiet ? bellOn : bellOff],
        },
      };
    case 'a':
      return acting(dashboard, 'approve', shown);
    case 'd':
      return acting(dashboard, 'deny', shown);
    case 'r':
      return acting(dashboard, 'revoke', shown);
    default:
      return { dashboard };
  }
}

const list = (dashboard: DashboardState): DashboardState => ({ ...dashboard, view: 'list', offset: 0 });
const hint = (dashboard: DashboardState, text: string): DashboardState => ({ ...dashboard, says: [text] });

function whole(dashboard: DashboardState, shown: boolean): DashboardState {
  if (selectedRow(dashboard) === undefined) return withoutRow(dashboard);
  return shown ? { ...dashboard, view: 'whole', offset: 0 } : dashboard;
}

const following = { requests: 'grants', grants: 'connections', connections: 'requests' } as const;
const preceding = { requests: 'connections', grants: 'requests', connections: 'grants' } as const;

function moved(dashboard: DashboardState, by: number): DashboardState {
  if (dashboard.view !== 'list')
    return { ...dashboard, offset: Math.max(0, Math.min(mostRows, dashboard.offset + by)) };
  const { rows } = partOf(dashboard.frame, dashboard.part);
  const before = dashboard.selected[dashboard.part];
  const place = Math.max(0, Math.min(rows.length - 1, nextPlace(before, selectedRow(dashboard) !== undefined, by)));
  const row = rows[place];
  return row === undefined
    ? dashboard
    : { ...dashboard, selected: { ...dashboard.selected, [dashboard.part]: { id: row.id, place } } };
}

/** The position that an arrow key selects. Where the selected row has gone, the next one has its position now. */
function nextPlace(before: Selection | undefined, there: boolean, by: number): number {
  if (before === undefined) return 0;
  return there || by < 0 ? before.place + by : before.place;
}

function acting(dashboard: DashboardState, verb: ActVerb, shown: boolean): Step {
  const row = selectedRow(dashboard);
  if (dashboard.view === 'help') return { dashboard };
  const fits = (dashboard.part === 'requests') === (verb !== 'revoke');
  if (!fits)
    return {
      dashboard: hint(dashboard, verb === 'revoke' ? revokeElsewhere : reviewElsewhere),
    };
  if (row === undefined) return { dashboard: withoutRow(dashboard) };
  if (!shown) return { dashboard };
  if (verb === 'approve') return send(dashboard, { verb, id: row.of });
  const [, who, session] = row.cells.map(({ text = '' }) => text);
  const about = aboutRow(row.of, String(who), String(session));
  return { dashboard: { ...list(dashboard), question: { verb, of: row.of, about, text: '', sure: false } } };
}

/** A key that needs a row where none is selected: the first such key selects one, and no more (rule 1). */
function withoutRow(dashboard: DashboardState): DashboardState {
  const gone = dashboard.selected[dashboard.part];
  if (gone !== undefined) return hint(dashboard, selectAgain(gone.id));
  const first = selectedRow(moved(dashboard, 1));
  return first === undefined ? hint(dashboard, emptyList) : hint(moved(dashboard, 1), firstSelected(first.id));
}

function send(dashboard: DashboardState, act: Wanted): Step {
  return { dashboard: { ...list(dashboard), question: undefined, sent: dashboard.sent + 1 }, act };
}

const isYes = (key: Key): boolean => 'text' in key && key.text === 'y' && !key.pasted;

/** What a key does while a question is asked (rule 3). */
function inQuestion(dashboard: DashboardState, question: Question, key: Key): Step {
  const on = (next: Question | undefined, ...says: string[]): Step => ({
    dashboard: { ...dashboard, question: next, says },
  });
  if (question.sure) return isYes(key) ? send(dashboard, wantedBy(question)) : on(undefined, nothingDone);
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
      return given(dashboard, question);
    case 'up':
    case 'down':
    case 'tab':
    case 'back-tab':
    case 'repaint':
      return { dashboard };
  }
}

function given(dashboard: DashboardState, question: Question): Step {
  if (question.verb === 'revoke')
    return { dashboard: { ...dashboard, says: [], question: { ...question, sure: true } } };
  if (question.text.trim() === '') return { dashboard: hint(dashboard, denialNeedsReason) };
  return send(dashboard, wantedBy(question));
}

function wantedBy({ verb, of: id, text }: Question): Wanted {
  const reason = text.trim();
  return reason === '' ? { verb, id } : { verb, id, reason };
}
