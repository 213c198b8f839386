// The script of the page of a recording: the player, the timeline and the transcript. It loads nothing.
import type { Lane, PageData, RowEntry, TypedEntry } from '../page-data.ts';

interface Player {
  seek(to: number): Promise<void>;
}

declare const AsciinemaPlayer: {
  create(source: { readonly data: string }, at: HTMLElement, options: Readonly<Record<string, unknown>>): Player;
};

/** Rows that are shown at once: a page of a hundred thousand would not scroll. */
const shownAtOnce = 500;

/** Silence is played no longer than this, in seconds. */
const longestSilence = 2;

const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

async function unpacked(): Promise<PageData> {
  const bytes = Uint8Array.from(atob(byId('data').textContent.trim()), (character) => character.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(plain).text()) as PageData;
}

/** As 1:02:03 or 2:03. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${hours > 0 ? String(minutes).padStart(2, '0') : minutes}:${String(rest).padStart(2, '0')}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

function element<K extends keyof HTMLElementTagNameMap>(tag: K, name: string, text = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

/** A button that shows the recording at an instant. */
function jump(player: Player, at: number, name: string, text: string): HTMLButtonElement {
  const button = element('button', name, text);
  button.type = 'button';
  button.addEventListener('click', () => {
    void player.seek(at);
    byId('player').scrollIntoView({ block: 'nearest' });
  });
  return button;
}

function lane(player: Player, name: string, entries: readonly TypedEntry[], length: number): HTMLElement {
  const row = element('div', 'lane');
  row.setAttribute('role', 'group');
  row.setAttribute('aria-label', name);
  const who = element('span', 'who', name);
  who.title = name;
  row.append(who);
  const track = element('div', 'track');
  for (const { at, text } of entries) {
    const button = jump(player, at, 'mark', '');
    button.title = `${clock(at)}  ${text}`;
    button.setAttribute('aria-label', button.title);
    button.style.left = `${length > 0 ? Math.min(100, (at / length) * 100) : 0}%`;
    track.append(button);
  }
  row.append(track);
  return row;
}

function typedList(player: Player, { person, typed }: Lane): HTMLElement {
  const details = document.createElement('details');
  details.append(element('summary', '', `${person}: ${typed.length} ${typed.length === 1 ? 'line' : 'lines'} typed`));
  const list = element('ol', 'typed');
  for (const { at, text } of typed) list.append(rowItem(player, { at, text }));
  details.append(list);
  return details;
}

function rowItem(player: Player, { at, text }: RowEntry, sought = ''): HTMLLIElement {
  const item = element('li', 'row');
  const code = element('code', '');
  const found = sought === '' ? -1 : text.toLowerCase().indexOf(sought);
  if (found < 0) code.textContent = text;
  else {
    const mark = element('mark', '', text.slice(found, found + sought.length));
    code.append(text.slice(0, found), mark, text.slice(found + sought.length));
  }
  item.append(jump(player, at, 'when', clock(at)), code);
  return item;
}

function showRows(player: Player, rows: readonly RowEntry[], sought: string): void {
  const found = sought === '' ? rows : rows.filter(({ text }) => text.toLowerCase().includes(sought));
  const shown = found.slice(0, shownAtOnce);
  byId('rows').replaceChildren(...shown.map((row) => rowItem(player, row, sought)));
  const more = found.length > shown.length ? `; the first ${shown.length} are shown` : '';
  byId('found').textContent = sought === '' && more === '' ? '' : `${found.length} of ${rows.length} rows${more}`;
}

/** `/` goes to the search, Enter there shows the first hit. */
function keys(player: Player, search: HTMLInputElement, rows: readonly RowEntry[]): void {
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target === search) return;
    event.preventDefault();
    search.focus();
  });
  search.addEventListener('input', () => {
    showRows(player, rows, search.value.toLowerCase());
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    const first = rows.find(({ text }) => text.toLowerCase().includes(search.value.toLowerCase()));
    if (first !== undefined) void player.seek(first.at);
  });
}

/** The player, which is told instants of the recording. Its own clock leaves silence out, and its markers are in the recording. */
function playerOf(cast: string): Player {
  const player = AsciinemaPlayer.create({ data: cast }, byId('player'), {
    ...{ fit: 'width', idleTimeLimit: longestSilence, controls: true, preload: true, poster: 'npt:0:01' },
    terminalFontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace',
  });
  const played = playedAt(cast);
  // A millisecond, so that rounding never leaves out what happened just then.
  return { seek: async (at) => player.seek(played(at) + 0.001) };
}

/** When an instant of the recording is played, in seconds. */
function playedAt(cast: string): (at: number) => number {
  const times = cast.split('\n').map((line, n) => (n === 0 ? 0 : Number.parseFloat(line.slice(1))));
  times.pop(); // behind the last line
  const played: number[] = [];
  for (const [n, at] of times.entries())
    played.push((played[n - 1] ?? 0) + Math.min(at - (times[n - 1] ?? 0), longestSilence));
  return (at) => {
    const last = times.findLastIndex((time) => time <= at);
    return (played[last] ?? 0) + Math.min(at - (times[last] ?? 0), longestSilence);
  };
}

async function main(): Promise<void> {
  const { cast, length, markers, lanes, rows } = await unpacked();
  const player = playerOf(cast);
  const timeline = byId('timeline');
  if (markers.length > 0) timeline.append(lane(player, 'markers', markers, length));
  for (const one of lanes) timeline.append(lane(player, one.person, one.typed, length));
  for (const one of lanes) timeline.append(typedList(player, one));
  showRows(player, rows, '');
  keys(player, byId('search') as HTMLInputElement, rows);
  document.documentElement.dataset['ready'] = 'yes';
}

void main();
