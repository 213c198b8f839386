// Two small memories of root's own: who a login belongs to, and which grants are dead.
import { readState, writeState } from '../adapters/state-file.ts';
import type { SamePerson } from '../core/identity.ts';
import { integer, list, object, optional, text } from '../core/shape.ts';

const pinsShape = list(object({ login: text(64), issuer: text(2048), subject: text(255) }), 100_000);
const tombstonesShape = list(object({ id: text(80), until: integer(0), at: optional(integer(0)) }), 100_000);

export interface Pins {
  of(login: string): SamePerson | undefined;
  logins(): readonly string[];
  set(login: string, who: SamePerson): Promise<void>;
  /** @returns whether there was one. */
  remove(login: string): Promise<boolean>;
}

export async function openPins(path: string): Promise<Pins> {
  const pins = new Map(((await readState(path, pinsShape)) ?? []).map((pin) => [pin.login, pin]));
  const save = async (): Promise<void> => writeState(path, [...pins.values()], true, pinsShape);
  return {
    of: (login) => pins.get(login),
    logins: () => [...pins.keys()],
    set: async (login, { issuer, subject }) => {
      pins.set(login, { login, issuer, subject });
      await save().catch((error: unknown) => {
        pins.delete(login); // else the visit after this one would count as pinned, and a restart forget it
        throw error;
      });
    },
    remove: async (login) => {
      const had = pins.delete(login);
      if (had) await save();
      return had;
    },
  };
}

export interface Tombstones {
  has(id: string): boolean;
  /** On disk when it resolves. @param until the end of the grant: after it its own signature refuses. */
  bury(id: string, until: number): Promise<void>;
  /** Told of each that is buried, once it is on disk. */
  onBury(hear: (id: string) => void): void;
  /** Forgets every sign-in that a login has now, also one that somebody puts back into Redis. */
  bar(login: string, until: number): Promise<void>;
  /** Sign-ins up to this instant do not count; 0 for none. */
  barredUntil(login: string): number;
}

interface Stone {
  readonly until: number;
  readonly at?: number;
}

export async function openTombstones(path: string, now: () => number): Promise<Tombstones> {
  const dead = new Map<string, Stone>(
    ((await readState(path, tombstonesShape)) ?? []).map(({ id, ...stone }) => [id, stone]),
  );
  let hearBuried: (id: string) => void = () => undefined;
  const lay = async (id: string, stone: Stone): Promise<void> => {
    for (const [old, { until }] of dead) if (until < now()) dead.delete(old);
    dead.set(id, stone);
    await writeState(
      path,
      Array.from(dead, ([name, rest]) => ({ id: name, ...rest })),
      true,
      tombstonesShape,
    );
  };
  return {
    has: (id) => dead.has(id),
    bury: async (id, until) => lay(id, { until }).then(() => hearBuried(id)),
    onBury: (hear) => (hearBuried = hear),
    bar: async (login, until) => lay(`login:${login}`, { until, at: now() }),
    barredUntil: (login) => dead.get(`login:${login}`)?.at ?? 0,
  };
}
