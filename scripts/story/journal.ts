// Reads the sandbox's journal for the demo.
import { readFileSync, watch } from 'node:fs';
import { once } from 'node:events';
import type { Host } from '../sandbox/host.ts';

export type Entry = Readonly<Record<string, unknown>>;

export const journalOf = (host: Host): string => `${host.root}/var/lib/tmux-gate/journal/journal.jsonl`;

/** All records so far. */
export function entries(host: Host): Entry[] {
  const whole = /^[^]*\n/.exec(readFileSync(journalOf(host), 'utf8'))?.[0] ?? '';
  return whole
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry);
}

/** Waits for a record of this event, past or future. @throws Error after `timeoutMs` */
export async function untilJournal(host: Host, event: string, timeoutMs: number): Promise<Entry> {
  const signal = AbortSignal.timeout(timeoutMs);
  // Watching begins before the first read, so that a record that is written in between is not missed.
  const watcher = watch(journalOf(host));
  try {
    for (;;) {
      const changed = once(watcher, 'change', { signal });
      changed.catch(() => undefined);
      const found = entries(host).find((entry) => entry['event'] === event);
      if (found !== undefined) return found;
      await changed;
    }
  } catch {
    throw new Error(`the journal has no record "${event}" after ${timeoutMs} ms`);
  } finally {
    watcher.close();
  }
}

const timeOf = (entry: Entry): string => String(entry['at']).slice(11, 19);

/** A field as text; empty when it is no text. */
const textOf = (entry: Entry, key: string): string => (typeof entry[key] === 'string' ? entry[key] : '');

const person = (value: unknown): string => {
  const { login } = (value ?? {}) as { login?: string };
  return login ?? '';
};

/** What a transcript shows of each event; the records contain more. */
const words: Readonly<Record<string, (entry: Entry) => string>> = {
  requested: (e) => `${person(e['who'])} asks for ${String(e['session'])}: ${String(e['reason'])}`,
  reviewed: (e) => `${person(e['by'])} says ${String(e['verdict'])} to ${String(e['request'])}`,
  granted: (e) =>
    `${String(e['grant'])} for ${String(e['window'])}, until ${new Date(Number(e['end'])).toISOString().slice(11, 19)}`,
  refused: (e) => `${String(e['login'])} [${String(e['code'])}]`,
  'session-ended': (e) => `killed: ${killed(e)}`,
  disconnected: (e) => `${String(e['login'])}: ${String(e['why'])} after ${String(e['lasted'])}`,
};

const killed = (entry: Entry): string =>
  ((entry['killed'] ?? []) as readonly { comm?: string }[]).map(({ comm }) => comm ?? '?').join(', ') || 'nothing';

/** The journal as text for people, a line for each record. */
export function readable(host: Host): string[] {
  return entries(host).map((entry) => {
    const event = String(entry['event']);
    const detail = words[event]?.(entry) ?? (textOf(entry, 'login') || textOf(entry, 'session'));
    return `${String(entry['n']).padStart(3)}  ${timeOf(entry)}  ${event.padEnd(16)}  ${detail}`.trimEnd();
  });
}
