// Which records of the journal are one access: a request, what came of it, and its extensions, which are part of it.
//
// 1. A record belongs by the ids in its own fields, never because an id stands in its text. Attack: an id in somebody's reason draws
//    another person's record into the evidence.
// 2. Who reads an access later is not part of it. Accident: the evidence of today names the auditor of yesterday.
import { textOf, type Entry } from '../journal-entry.ts';

/** What the request of a grant by break-glass is called (keeper/verbs/break-glass.ts). */
const glass = 'GLASS';

/** These name their session by `id`; a person's login is in none of them, unless the session is that person's own. */
const ofSessions: ReadonlySet<string> = new Set(['session-starting', 'session-ended', 'killed-too']);

/** The ids of one access, learned from its records, in whatever order they come. */
export class AccessIds {
  readonly #id: string;
  readonly #requests = new Set<string>();
  readonly #grants = new Set<string>();
  readonly #connections = new Set<string>();
  readonly #servers = new Set<string>();

  /** @param id of the request, of the grant or of a connection */
  constructor(id: string) {
    this.#id = id;
  }

  /** All ids that are known, for a search: the one that was asked for first. */
  all(): readonly string[] {
    return [this.#id, ...new Set([...this.#requests, ...this.#grants, ...this.#connections, ...this.#servers])];
  }

  /** Whether the record is of this access, as far as its ids are known by now (rules 1 and 2). */
  owns(entry: Entry): boolean {
    const event = textOf(entry, 'event') ?? '';
    if (event === 'recording-read') return false; // rule 2
    if (ofSessions.has(event) && this.#servers.has(textOf(entry, 'id') ?? '')) return true;
    const [request, grant, connection] = [
      textOf(entry, 'request'),
      textOf(entry, 'grant'),
      textOf(entry, 'connection'),
    ];
    return (
      this.#isOf(this.#requests, request) ||
      (event !== 'deadline-moved' && this.#isOf(this.#grants, grant)) ||
      this.#isOf(this.#connections, connection) ||
      (event === 'requested' && this.#isOf(this.#grants, textOf(entry['extends'], 'grant')))
    );
  }

  /** Learns the other ids of a record, if it is of this access. @returns whether it is */
  learn(entry: Entry): boolean {
    if (!this.owns(entry)) return false;
    const event = textOf(entry, 'event');
    const put = (ids: Set<string>, id: string | undefined): void => {
      if (id !== undefined) ids.add(id);
    };
    put(this.#requests, textOf(entry, 'request'));
    put(this.#connections, textOf(entry, 'connection'));
    if (event !== 'deadline-moved') put(this.#grants, textOf(entry, 'grant'));
    if (event === 'break-glass') put(this.#requests, `${glass}${textOf(entry, 'code') ?? ''}`);
    if (event === 'requested') put(this.#grants, textOf(entry['extends'], 'grant'));
    if (event === 'connected') put(this.#servers, textOf(entry, 'server'));
    return true;
  }

  #isOf(ids: ReadonlySet<string>, id: string | undefined): boolean {
    return id !== undefined && (id === this.#id || ids.has(id));
  }
}

/** Whether every grant and every connection of an access has its end, or the request was refused. */
export function isOver(entries: readonly Entry[]): boolean {
  const ended = (name: string, ...events: readonly string[]): ReadonlySet<unknown> =>
    new Set(entries.filter(({ event }) => events.includes(String(event))).map((entry) => entry[name]));
  const grants = ended('grant', 'grant-ended', 'grant-dropped', 'break-glass-unfinished');
  const connections = ended('connection', 'disconnected');
  const requests = ended('request', 'granted', 'denied', 'withdrawn', 'lapsed', 'unanswered');
  return entries.every(({ event, grant, connection, request }) => {
    if (event === 'requested') return requests.has(request);
    if (event === 'granted' || event === 'break-glass') return grants.has(grant);
    return event !== 'connected' || connections.has(connection);
  });
}

/** How a person is known in a record: issuer and subject. */
const personKey = (value: unknown): string | undefined => {
  const [issuer, subject] = [textOf(value, 'issuer'), textOf(value, 'subject')];
  return issuer === undefined || subject === undefined ? undefined : JSON.stringify([issuer, subject]);
};

/** Whether a record is a sign-in of the person who made the request. */
export function isSignInOf(requested: Entry, entry: Entry): boolean {
  const who = personKey(requested['who']);
  return entry['event'] === 'sign-in' && who !== undefined && personKey(entry['identity']) === who;
}

/** A recording of an access, as the journal tells of it. */
export interface RecordingFacts {
  readonly connection: string;
  /** The name of its file, as it was when the connection began. */
  readonly file: string;
  /** The SHA-256 of each range, in order, and the bytes that it goes up to. */
  readonly ranges: readonly { readonly to: number; readonly sha256: string }[];
  /** Whether the keeper journaled its end. */
  readonly isClosed: boolean;
  /** Whether the keeper journaled that it was sealed. */
  readonly isSealed: boolean;
}

/** The recordings of an access. Ranges are in the order of the log; one that was told twice counts once. */
export function recordingsOf(entries: readonly Entry[]): readonly RecordingFacts[] {
  const of = (event: string, connection: unknown): readonly Entry[] =>
    entries.filter((entry) => entry['event'] === event && entry['connection'] === connection);
  return entries
    .filter(({ event }) => event === 'connected')
    .map((entry) => {
      const told = new Map(of('recording-range', entry['connection']).map((one) => [Number(one['range']), one]));
      return {
        connection: String(entry['connection']),
        file: textOf(entry, 'recording') ?? '',
        ranges: [...told.values()].map((one) => ({ to: Number(one['to']), sha256: String(one['sha256']) })),
        isClosed: of('recording-closed', entry['connection']).length > 0,
        isSealed: of('recording-sealed', entry['connection']).length > 0,
      };
    });
}

/**
 * Of the records of an access, those that the evidence shows and proves. The end of a recording has a digest over all its ranges, and so
 * has each range over those before it: so one record is enough for a whole recording.
 */
export function shownOf(entries: readonly Entry[]): readonly Entry[] {
  const last = new Map<unknown, Entry>();
  const closed = new Set<unknown>();
  for (const entry of entries) {
    if (entry['event'] === 'recording-range') last.set(entry['connection'], entry);
    if (entry['event'] === 'recording-closed') closed.add(entry['connection']);
  }
  const isShown = (entry: Entry): boolean => {
    const { event, connection } = entry;
    return event !== 'recording-range' || (!closed.has(connection) && last.get(connection) === entry);
  };
  return entries.filter(isShown);
}
