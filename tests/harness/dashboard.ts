// The dashboard (`watch`) as somebody on call uses it: its screen and its keys.
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import type { Terminal, TerminalOptions } from '../../scripts/sandbox/terminal.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { signInWhenAsked } from './visits.ts';

const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;

export const keys = { up: '\u001b[A', down: '\u001b[B', enter: '\r', tab: '\t', escape: '\u001b' } as const;

/** Runs `watch`, signs in if that is asked, and waits until the dashboard is shown. */
export async function watchAs(person: Person, terminal: TerminalOptions = {}): Promise<Terminal> {
  const dashboard = person.ssh(['-t', 'watch'], { rows: 24, cols: 80, ...terminal });
  void signInWhenAsked(dashboard, person);
  await dashboard.until('[Requests'); // and past the link of that sign-in
  return dashboard;
}

/** Waits until the screen has this text. @returns its rows */
export async function onScreen(dashboard: Terminal, text: string | RegExp): Promise<readonly string[]> {
  const seen = async (): Promise<readonly string[] | undefined> => {
    const rows = await dashboard.screen();
    const all = rows.join('\n');
    return (typeof text === 'string' ? all.includes(text) : text.test(all)) ? rows : undefined;
  };
  return eventually(`the screen shows ${String(text)}`, seen).catch(async (error: unknown) => {
    throw new Error(`${String(error)}\n${(await dashboard.screen()).join('\n')}`);
  });
}

/** The selected row without its mark; undefined when none is. */
export async function selectedOn(dashboard: Terminal): Promise<string | undefined> {
  return (await dashboard.screen()).find((row) => row.startsWith('> '))?.slice(2);
}

/** Selects this row by keys, and waits until it is. */
export async function select(dashboard: Terminal, id: string): Promise<void> {
  const [, , ...rows] = await onScreen(dashboard, new RegExp(`^[> ] ${id} `, 'm'));
  const down = rows.findIndex((row) => row.slice(2).startsWith(id));
  dashboard.type('k'.repeat(rows.length) + 'j'.repeat(down));
  await onScreen(dashboard, new RegExp(`^> ${id} `, 'm'));
}

/** Waits until the dashboard asks for a sign-in, and completes it. */
export async function signInOn(dashboard: Terminal, person: Person): Promise<void> {
  const [url] = await dashboard.until(link);
  await completeSignIn(url, person.account);
}
