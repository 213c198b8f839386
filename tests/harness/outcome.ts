// The outcome of a visit as a word, for attacks, which must fail by an `expect` and never by a timeout.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import type { Terminal } from '../../scripts/sandbox/terminal.ts';
import { freshId, tell } from './forge.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { journal } from './inside.ts';
import { peerKeys } from './peer.ts';
import { signInWhenAsked } from './visits.ts';

const ends = /Waiting for approval|until \d\d:\d\d:\d\d UTC \(|\[([A-Z_]+)\]/;

/** `asked`: a request was made, since there was no grant. `in`: let in. Otherwise the code of the refusal. */
export type Outcome = 'asked' | 'in' | (string & {});

/**
 * Makes a visit and waits for its outcome. A request is withdrawn; somebody who is let in stays attached.
 * @param as who completes the sign-in, if not the person.
 */
export async function arrival(
  person: Person,
  { session = 'prod-db', as = person }: { readonly session?: string; readonly as?: Person } = {},
): Promise<{ readonly outcome: Outcome; readonly terminal: Terminal }> {
  const terminal = person.ssh(['-t', session, '--for 5m --reason INC-1 look']);
  const seen = terminal.until(ends);
  void signInWhenAsked(terminal, as);
  const [text, code] = await seen;
  if (text.startsWith('Waiting')) {
    terminal.type('q');
    await terminal.exit;
    return { outcome: 'asked', terminal };
  }
  if (code !== undefined) await terminal.exit;
  return { outcome: code ?? 'in', terminal };
}

/** Makes a visit and returns its outcome alone. */
export async function outcomeOf(...visit: Parameters<typeof arrival>): Promise<Outcome> {
  return (await arrival(...visit)).outcome;
}

/** Whether a terminal's ssh ends within this time. */
export async function endsWithin(terminal: Terminal, ms: number): Promise<boolean> {
  return Promise.race([
    terminal.exit.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(resolve, ms, false).unref()),
  ]);
}

/** How many records of this event the journal has. */
export const records = (host: Host, event: string): number =>
  journal(host.layout).filter((record) => record.event === event).length;

/** Waits until the keeper has read all events so far: events are read in order, so one more (a revocation by the peer) shows it. */
export async function heard(host: Host): Promise<void> {
  const names = { host: 'prod-box', session: 'prod-db', login: 'nobody' };
  const grantId = freshId();
  const proof = await peerKeys.sign('revocation', { ...names, grantId, end: Date.now() + 60_000 });
  await tell(host.layout, 'revoked', { ...names, id: grantId, proof });
  const isHeard = (): boolean =>
    journal(host.layout).some(({ event, grant }) => event === 'revoked' && grant === grantId);
  await eventually('the events were heard', isHeard);
}

/** The person with this name. @throws Error when there is none */
export function named(host: Host, name: string): Person {
  const person = host.people[name];
  if (person === undefined) throw new Error(`nobody is called ${name}`);
  return person;
}

/** The peak of the keeper's memory since the last call, in MB. */
export function mostMemory({ keeper }: Host): number {
  const folder = `/proc/${String(keeper.pid)}`;
  const most = /VmHWM:\s+(\d+)/.exec(readFileSync(`${folder}/status`, 'utf8'))?.[1];
  writeFileSync(`${folder}/clear_refs`, '5'); // proc(5): resets the peak
  return Number(most) / 1024;
}
