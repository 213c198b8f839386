// Draws a dashboard as lines: at most as wide as the terminal, and as many as it has rows. The keeper has filtered every text
// (core/text.ts); here it is only cut by the columns that it takes.
import {
  detailKeys,
  helpKeys,
  keyHelp,
  listKeys,
  lists,
  othersUnread,
  questionKeys,
  reasonTo,
  rowGone,
  rowsShown,
  sureKeys,
  sureToRevoke,
  titleLine,
  working,
} from '../core/messages/dashboard.ts';
import { formatDuration } from '../core/time.ts';
import { partNames, type DashboardCell, type DashboardPart, type PartName } from './dashboard-messages.ts';
import { isBusy, partOf, selectedRow, type DashboardState, type Question } from './dashboard-state.ts';
import { cutTo, padTo, tailOf, widthOf, wrapTo } from './width.ts';

/** A line of the screen and its SGR code (ECMA-48 section 8.3.117); '' for none. */
export interface Row {
  readonly text: string;
  readonly look: string;
}

/** The size of the terminal, and the time to draw for. */
export interface Place {
  readonly columns: number;
  readonly rows: number;
  /** Instant, milliseconds. */
  readonly now: number;
}

/** The columns to leave out where there is no room for all, first to last. */
const expendable: Readonly<Record<PartName, readonly number[]>> = {
  requests: [3, 4, 5],
  grants: [5, 4],
  connections: [5, 4, 6],
};

const widest = 24;
/** Columns for the mark of the selected row, which is visible without colour too. */
const marker = 2;
/** Rows for the title, the column headings and the line with the keys. */
const frame = 3;

/** Draws the dashboard. @returns `place.rows` lines, each at most `place.columns` wide */
export function drawDashboard(dashboard: DashboardState, place: Place): readonly Row[] {
  const foot = footOf(dashboard, place.columns);
  const room = Math.max(0, place.rows - frame - foot.length);
  const body = bodyOf(dashboard, place, room);
  const filled = [...body, ...Array.from({ length: Math.max(0, room + 1 - body.length) }, () => plain(''))];
  const all = [
    titleOf(dashboard, place.columns),
    ...filled.slice(0, room + 1),
    ...foot,
    keysOf(dashboard, place.columns),
  ];
  return all.slice(0, place.rows).map(({ text, look }) => ({ text: cutTo(text, place.columns), look }));
}

const plain = (text: string): Row => ({ text, look: '' });

function titleOf(dashboard: DashboardState, columns: number): Row {
  const tabs = partNames.map((name) => tabOf(dashboard, name)).join(' ');
  const long = titleLine(dashboard.frame.host, tabs);
  return { text: padTo(widthOf(long) <= columns ? long : tabs, columns), look: '1' };
}

function tabOf({ frame: { parts: told }, part }: DashboardState, name: PartName): string {
  const { rows, more } = told.find((one) => one.name === name) ?? { rows: [], more: 0 };
  const text = `${lists[name].title} ${rows.length + more}`;
  return name === part ? `[${text}]` : ` ${text} `;
}

function keysOf({ question, view }: DashboardState, columns: number): Row {
  if (question?.sure === true) return { text: sureKeys, look: '2' };
  if (question !== undefined) return { text: questionKeys, look: '2' };
  if (view === 'help') return { text: helpKeys, look: '2' };
  if (view === 'whole') return { text: detailKeys, look: '2' };
  return { text: listKeys.find((text) => text.length <= columns) ?? listKeys[2], look: '2' };
}

/** The result of the last action, and the question that is asked. */
function footOf(dashboard: DashboardState, columns: number): readonly Row[] {
  const asked = dashboard.question === undefined ? [] : questionLines(dashboard.question, columns);
  const busy = isBusy(dashboard) ? [working] : [];
  const said = [...dashboard.says, ...busy].flatMap((text) => wrapTo(text, columns)).slice(0, 6);
  return [...said.map((text) => ({ text, look: '33' })), ...asked];
}

function questionLines({ verb, about, text, sure }: Question, columns: number): readonly Row[] {
  const label = sure ? sureToRevoke(about) : reasonTo(verb, about);
  const lines = wrapTo(label, columns).map((one) => ({ text: one, look: '1' }));
  return sure ? lines : [...lines, plain(`> ${tailOf(text, columns - 3)}_`)];
}

function bodyOf(dashboard: DashboardState, place: Place, room: number): readonly Row[] {
  if (dashboard.view === 'help') return scrolled(keyHelp, dashboard, place, room);
  const row = selectedRow(dashboard);
  if (dashboard.view === 'whole') return scrolled(row?.facts ?? [rowGone], dashboard, place, room);
  return listOf(dashboard, place, room);
}

function scrolled(
  texts: readonly string[],
  { offset }: DashboardState,
  { columns }: Place,
  room: number,
): readonly Row[] {
  const lines = texts.flatMap((text) => wrapTo(text, columns));
  const from = Math.max(0, Math.min(offset, lines.length - room - 1));
  return lines.slice(from, from + room + 1).map(plain);
}

function listOf(dashboard: DashboardState, { columns, now }: Place, room: number): readonly Row[] {
  const part = partOf(dashboard.frame, dashboard.part);
  const { head, empty } = lists[dashboard.part];
  if (part.rows.length === 0) return wrapTo(part.problem === '' ? empty : part.problem, columns).map(plain);
  const selected = dashboard.selected[dashboard.part];
  const rows = part.rows.map(({ id, cells }) => ({ id, cells: cells.map((one) => cellText(one, now)) }));
  const widths = layOut(dashboard.part, [head, ...rows.map(({ cells }) => cells)], columns - marker);
  const from = pageOf(selected?.place ?? 0, room);
  const shown = rows.slice(from, from + room).map((row) => {
    const text = joined(row.cells, widths);
    return row.id === selected?.id ? { text: padTo(`> ${text}`, columns), look: '7' } : plain(`  ${text}`);
  });
  return [{ text: `  ${joined(head, widths)}${beyond(part, from, shown.length)}${unread(part)}`, look: '2' }, ...shown];
}

/** First row of the page that holds a place. Pages do not overlap, so that rows keep their line while the selection moves. */
function pageOf(place: number, room: number): number {
  return room < 1 ? 0 : Math.floor(place / room) * room;
}

function beyond({ rows, more }: DashboardPart, from: number, shown: number): string {
  const hidden = rows.length + more - shown;
  return hidden === 0 ? '' : rowsShown(from + 1, from + shown, rows.length + more);
}

function unread({ problem }: DashboardPart): string {
  return problem === '' ? '' : othersUnread;
}

function cellText({ text = '', since, until }: DashboardCell, now: number): string {
  if (since !== undefined) return formatDuration(now - since);
  return until === undefined ? text : formatDuration(until - now);
}

/** Widths of the columns; undefined for one that is left out. The last column is not limited. */
function layOut(
  part: PartName,
  rows: readonly (readonly string[])[],
  columns: number,
): readonly (number | undefined)[] {
  const { head } = lists[part];
  const last = head.length - 1;
  const widths: (number | undefined)[] = head.map((_, at) =>
    Math.min(widest, Math.max(...rows.map((row) => widthOf(row[at] ?? '')))),
  );
  const total = (): number => widths.reduce<number>((sum, width) => sum + (width === undefined ? 0 : width + 2), -2);
  for (const at of expendable[part]) {
    if (total() <= columns) break;
    widths[at] = undefined;
  }
  if (widths[last] !== undefined) widths[last] = columns;
  return widths;
}

function joined(cells: readonly string[], widths: readonly (number | undefined)[]): string {
  const shown = widths.flatMap((width, at) =>
    width === undefined ? [] : [padTo(cutTo(cells[at] ?? '', width), width)],
  );
  return shown.join('  ').trimEnd();
}
