// A board as somebody on call watches it: what stands on the screen, and keys.
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import type { Terminal, TerminalOptions } from '../../scripts/sandbox/terminal.ts';
import { eventually } from './inside.ts';
import { signInWhenAsked } from './visits.ts';

const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;

export const keys = { up: '\u001b[A', down: '\u001b[B', enter: '\r', tab: '\t', escape: '\u001b' } as const;

/** Types `watch`, signs in if that is asked, and waits for the board. */
export async function watchAs(person: Person, terminal: TerminalOptions = {}): Promise<Terminal> {
  const board = person.ssh(['-t', 'watch'], { rows: 24, cols: 80, ...terminal });
  void signInWhenAsked(board, person);
  await board.until('[Requests'); // and past the link of that sign-in
  return board;
}

/** Waits until the screen holds this; @returns its rows. */
export async function onScreen(board: Terminal, text: string | RegExp): Promise<readonly string[]> {
  const seen = async (): Promise<readonly string[] | undefined> => {
    const rows = await board.screen();
    const all = rows.join('\n');
    return (typeof text === 'string' ? all.includes(text) : text.test(all)) ? rows : undefined;
  };
  return eventually(`the screen shows ${String(text)}`, seen).catch(async (error: unknown) => {
    throw new Error(`${String(error)}\n${(await board.screen()).join('\n')}`);
  });
}

/** The row that is selected, without its mark. */
export async function selectedOn(board: Terminal): Promise<string | undefined> {
  return (await board.screen()).find((row) => row.startsWith('> '))?.slice(2);
}

/** Moves to this row: up to the first, then down. */
export async function select(board: Terminal, id: string): Promise<void> {
  const [, , ...rows] = await onScreen(board, new RegExp(`^[> ] ${id} `, 'm'));
  const down = rows.findIndex((row) => row.slice(2).startsWith(id));
  board.type('k'.repeat(rows.length) + 'j'.repeat(down));
  await onScreen(board, new RegExp(`^> ${id} `, 'm'));
}

/** Completes the device login that the board's conversation asks for next. */
export async function signInOn(board: Terminal, person: Person): Promise<void> {
  const [url] = await board.until(link);
  await completeSignIn(url, person.account);
}
