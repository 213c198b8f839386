// The accounts of the running demo's people, for people without a browser: `./scripts/demo --sign-in LINK alice` goes through the
// provider's pages. Only root can read the file; it is in the sandbox's folder and is removed with it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeSignIn } from '../sandbox/browser.ts';
import { writeExact } from '../sandbox/files.ts';
import type { Host } from '../sandbox/host.ts';
import type { Layout } from '../sandbox/layout.ts';
import { readMark } from '../sandbox/mark.ts';
import type { PersonAccount } from '../sandbox/provider-messages.ts';

interface PeopleFile {
  readonly issuer: string;
  readonly people: Readonly<Record<string, PersonAccount>>;
}

const fileOf = (layout: Layout): string => join(layout.client, 'people.json');

export function writePeople({ layout, provider, people }: Host): void {
  const accounts = Object.fromEntries(Object.values(people).map(({ name, account }) => [name, account]));
  const file: PeopleFile = { issuer: provider.issuer, people: accounts };
  writeExact(fileOf(layout), JSON.stringify(file), 0o600);
}

/**
 * Completes a sign-in of the running demo.
 * @param where the link that the gate shows, or only its code.
 * @returns the text of the provider's last page.
 * @throws Error when no demo runs, there is no such person, or the provider does not accept the code.
 */
export async function signIn(layout: Layout, where: string, who: string): Promise<string> {
  if (readMark(layout) === undefined || !existsSync(fileOf(layout))) throw new Error('no demo is running here');
  const { issuer, people } = JSON.parse(readFileSync(fileOf(layout), 'utf8')) as PeopleFile;
  const account = Object.hasOwn(people, who) ? people[who] : undefined;
  if (account === undefined) throw new Error(`there is nobody called ${who}; choose ${Object.keys(people).join(', ')}`);
  return completeSignIn(linkOf(issuer, where), account);
}

function linkOf(issuer: string, where: string): string {
  const code = /[A-Z]{4}-[A-Z]{4}$/.exec(where.toUpperCase())?.[0];
  if (code === undefined) throw new Error('that is no sign-in link and no code; give what the gate shows after "Open"');
  return `${issuer}/device?user_code=${code}`;
}
