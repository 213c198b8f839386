// What the keeper stands on, in memory: a store, keys, a journal and the small files of root's own. Each step that would leave the
// keeper calls `pause` before and after it, so that a test can stop it there.
import type { Journal, UncheckedJournal } from '../../../src/adapters/journal/journal.ts';
import type { Keys } from '../../../src/adapters/keys.ts';
import type { RequestState, StoredRequest } from '../../../src/adapters/redis/replies.ts';
import type { GrantEntry, GrantKey, Store } from '../../../src/adapters/redis/store.ts';
import { concerns, supersedes } from '../../../src/core/lock.ts';
import { entryKey, entryOf, recordsOf, type AnyOwed, type Entry } from '../../../src/core/owed.ts';
import type { SamePerson } from '../../../src/core/identity.ts';
import { asRefused, Refused } from '../../../src/core/refusal.ts';
import type { Locks } from '../../../src/keeper/state/held-locks.ts';
import type { Outbox } from '../../../src/keeper/state/outbox.ts';
import type { Pins } from '../../../src/keeper/state/pins.ts';
import { memoryRounds, type MemoryRounds } from './fake-rounds.ts';

export type Line = Readonly<Record<string, unknown>>;
export type Pause = (step: string) => Promise<void>;
export type Now = () => number;
const notFaked = async (): Promise<never> => Promise.reject(new Error('not part of the fake'));

/** A step of the world outside. */
export async function step<T>(pause: Pause, name: string, act: () => T): Promise<T> {
  await pause(name);
  const value = act();
  await pause(`${name} done`);
  return value;
}

interface Kept {
  jws: string;
  state: RequestState;
  /** When it is gone: instant, milliseconds. */
  until: number;
  readonly reviews: Map<string, string>;
}

export interface MemoryStore extends Store, MemoryRounds {
  readonly requests: Map<string, Kept>;
  readonly grants: Map<string, GrantEntry>;
  readonly signIns: Map<string, string>;
  readonly shownLocks: Map<string, string>;
  readonly confirmed: string[];
  /** While set, nothing answers. */
  down: boolean;
  skewMs: number;
}

const grantName = ({ host, session, login, grantId }: GrantKey): string => [host, session, login, grantId].join(':');

const decidedLifeMs = 600_000;

export function memoryStore(now: Now, pause: Pause): MemoryStore {
  const requests = new Map<string, Kept>();
  const grants = new Map<string, GrantEntry>();
  const [signIns, shownLocks, confirmed] = [new Map<string, string>(), new Map<string, string>(), [] as string[]];
  const ask = async <T>(name: string, act: () => T): Promise<T> =>
    step(pause, `store.${name}`, () => {
      if (store.down) throw new Refused('REDIS_DOWN');
      return act();
    });
  const there = (id: string): Kept | undefined => {
    const kept = requests.get(id);
    return kept !== undefined && kept.until > now() ? kept : undefined;
  };
  const read = (id: string): StoredRequest | undefined => {
    const kept = there(id);
    return kept && { id, jws: kept.jws, state: kept.state, reviews: [...kept.reviews.values()] };
  };
  const isPending = (id: string): boolean => there(id)?.state === 'pending';
  const post = (id: string, jws: string, until: number): boolean => {
    if (requests.has(id)) return false;
    requests.set(id, { jws, state: 'pending', until, reviews: new Map() });
    return true;
  };
  const addReview = (id: string, name: string, jws: string): Awaited<ReturnType<Store['review']>> => {
    const kept = there(id);
    if (kept === undefined) return 'unknown';
    if (kept.state !== 'pending') return 'over';
    if (kept.reviews.has(name)) return 'already';
    kept.reviews.set(name, jws);
    return 'counted';
  };
  const settle = (id: string, state: RequestState, ttlMs: number): boolean => {
    const kept = there(id);
    if (kept?.state !== 'pending') return false;
    kept.state = state;
    kept.until = now() + ttlMs;
    return true;
  };
  const grant = (id: string, entry: GrantEntry): boolean => {
    const { reviews = -1 } = entry;
    if (!isPending(id) || (reviews >= 0 && requests.get(id)?.reviews.size !== reviews) || entry.end <= now())
      return false;
    grants.set(grantName(entry), entry);
    return settle(id, 'approved', decidedLifeMs);
  };
  const live: Store['live'] = async ({ host, session, login, id }) =>
    ask('live', () =>
      [...grants]
        .filter(([, { end }]) => end > now())
        .filter(([name, of]) => {
          return [host ?? of.host, session ?? of.session, login ?? of.login, id ?? of.grantId].join(':') === name;
        })
        .map(([key, { jws, end }]) => ({ key, jws, keyEnd: end })),
    );
  const held: Store['held'] = async (host, keys) => {
    const names = new Set(keys.map((key) => grantName({ host, ...key })));
    return (await live({ host })).filter(({ key }) => names.has(key));
  };
  const signInName = ({ host, login, fingerprint }: { host: string; login: string; fingerprint: string }): string =>
    `${host} ${login} ${fingerprint}`;
  const forgetSignIns = (host: string, login: string): number => {
    const theirs = [...signIns.keys()].filter((name) => name.startsWith(`${host} ${login} `));
    return theirs.filter((name) => signIns.delete(name)).length;
  };
  const rounds = memoryRounds(ask);
  const store: MemoryStore = {
    ...{ requests, grants, signIns, shownLocks, confirmed, down: false, skewMs: 0 },
    ...rounds,
    post: async ({ id, jws, answerBy }) => ask('post', () => post(id, jws, answerBy)),
    find: async (id) => ask('find', () => read(id)),
    pending: async () =>
      ask('pending', () => [...requests.keys()].filter(isPending).flatMap((id) => read(id) ?? ([] as never[]))),
    review: async (id, { name, jws }) => ask('review', () => addReview(id, name, jws)),
    // It keeps no review waiting, as a host of an earlier version would not wait.
    decide: async (id, count) => ask('decide', () => isPending(id) && requests.get(id)?.reviews.size === count),
    settle: async (id, state, ttlMs) => ask('settle', () => settle(id, state, ttlMs)),
    grant: async (id, entry) => ask('grant', () => grant(id, entry)),
    live,
    held,
    names: async (of) => ask('names', () => [...grants.values()].filter(({ host }) => of === undefined || of === host)),
    copied: async (change) => change().then(() => undefined),
    revoke: async (entry) => ask('revoke', () => grants.delete(grantName(entry))),
    confirm: async (host, id) => ask('confirm', () => void confirmed.push(`${host} ${id}`)),
    skew: async () => ask('skew', () => store.skewMs),
    signIn: async (of) => ask('signIn', () => signIns.get(signInName(of))),
    rememberSignIn: async (of, jws) => ask('rememberSignIn', () => void signIns.set(signInName(of), jws)),
    forgetSignIns: async (host, login) => ask('forgetSignIns', () => forgetSignIns(host, login)),
    lock: async (target, jws) => ask('lock', () => void shownLocks.set(target, jws)),
    locks: async () => ask('locks', () => [...shownLocks.values()]),
    ...{ connected: notFaked, ping: notFaked, version: notFaked, follow: notFaked, leave: notFaked, letters: notFaked },
    ...{ close: notFaked, [Symbol.asyncDispose]: notFaked },
  };
  return store;
}

/** A signature is the name of its host, in plain JSON. */
export function signedBy(host: string, kind: string, payload: object): string {
  return JSON.stringify({ host, kind, payload });
}

export function jsonKeys(own: string, peers: readonly string[], pause: Pause): Keys {
  return {
    sign: async (kind, payload) => step(pause, `sign ${kind}`, () => signedBy(own, kind, payload)),
    seal: (text) => text,
    verify: async (jws, kind, shape, from) => {
      await pause(`verify ${kind}`);
      let read: { host?: unknown; kind?: unknown; payload?: unknown };
      try {
        read = JSON.parse(jws) as typeof read;
      } catch {
        return undefined;
      }
      const host = String(read.host);
      if (read.kind !== kind || ![own, ...peers].includes(host) || (from ?? host) !== host) return undefined;
      const value = shape(read.payload);
      return value === undefined ? undefined : { host, value };
    },
    publicKey: (of = own) => ([own, ...peers].includes(of) ? of.padEnd(32) : undefined),
    signNote: (text) => text,
    isOfFormerKey: () => false,
  };
}

export interface MemoryJournal extends Journal {
  readonly lines: Line[];
  /** While set, nothing is written. */
  full: boolean;
}

export function memoryJournal(pause: Pause): MemoryJournal {
  const lines: Line[] = [];
  const journal: MemoryJournal = {
    ...{ lines, full: false, changed: undefined, failing: undefined },
    write: async (event, fields) =>
      step(pause, `journal ${event}`, () => {
        if (journal.full) throw new Refused('JOURNAL_DOWN');
        lines.push({ event, ...fields });
      }),
    writeHead: async () => journal.write('head', { checkpoint: [] }),
    close: notFaked,
    // A byte a record.
    extent: async () => Promise.resolve({ path: '', bytes: lines.length, head: '' }),
    records: async function* (filter = () => true, from = 0) {
      yield* await Promise.resolve(lines.slice(from).filter(filter));
    },
  };
  return journal;
}

/** Writes each record at once, and keeps what the journal does not take. */
export function memoryOutbox(journal: MemoryJournal, now: Now, pause: Pause): Outbox {
  const unchecked: UncheckedJournal = journal;
  const entries = new Map<string, Entry>();
  const enter = async (owed: AnyOwed, ending: boolean): Promise<void> =>
    step(pause, `outbox ${owed.event}`, () => {
      const known = entries.get(entryKey(owed));
      entries.set(entryKey(owed), entryOf(owed, known, { ending, journalEnd: journal.lines.length, now: now() }));
    });
  const outbox: Outbox = {
    begin: async (owed, write) => {
      if (entries.has(entryKey(owed))) return;
      await enter(owed, false);
      await write?.().catch((error: unknown) => {
        entries.delete(entryKey(owed));
        throw error;
      });
    },
    intend: async (owed) => enter(owed, true),
    record: async (owed, after) => {
      await enter(owed, true);
      try {
        for (const [event, facts] of recordsOf(entries.get(entryKey(owed)) ?? owed))
          await unchecked.write(event, facts);
        await after?.();
        entries.delete(entryKey(owed));
        return undefined;
      } catch (error) {
        return asRefused(error, 'JOURNAL_DOWN');
      }
    },
    recordAndForget: async (owed, forget) => {
      await outbox.record(owed, forget);
    },
    allow: async (owed, act) => {
      const failed = await outbox.record(owed, act);
      if (failed !== undefined) throw failed;
    },
    withdraw: async (which) => Promise.resolve(void entries.delete(entryKey(which))),
    all: () => [...entries.values()],
    found: notFaked,
    close: () => undefined,
  };
  return outbox;
}

/** Locks without a file. */
export function memoryLocks(pause: Pause): Locks {
  const held = new Map<string, Parameters<Locks['take']>[0]>();
  const all = () => [...held.values()].map(({ lock }) => lock);
  const isNews: Locks['isNews'] = (lock) => supersedes(lock, held.get(lock.target)?.lock);
  return {
    ...{ all, isNews, signed: () => [...held.values()], unfinished: () => [] },
    of: (login) => all().find((lock) => lock.locked && concerns(lock, login)),
    next: (target) => (held.get(target)?.lock.number ?? 0) + 1,
    take: async (one) => {
      if (!isNews(one.lock)) return false;
      held.set(one.lock.target, one);
      await pause('lock');
      return true;
    },
    keep: async () => Promise.resolve(),
    renew: async () => Promise.resolve(),
    rest: async () => pause('lock rests'),
  };
}

export function memoryPins(pins: Map<string, SamePerson>): Pins {
  return {
    of: (login) => pins.get(login),
    logins: () => [...pins.keys()],
    set: async (login, { issuer, subject }) => Promise.resolve(void pins.set(login, { issuer, subject })),
    remove: async (login) => Promise.resolve(pins.delete(login)),
  };
}
