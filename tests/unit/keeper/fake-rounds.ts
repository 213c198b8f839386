// Requests for several hosts and questions to the fleet, in memory.
import type { RoundKind, RoundsPart, StoredRound } from '../../../src/adapters/redis/rounds.ts';
import { isSamePerson } from '../../../src/core/identity.ts';
import type { AskedHere, AskedNote } from '../../../src/keeper/batches/asked-here.ts';

type Shown = Map<string, StoredRound & { readonly end: number }>;

export interface MemoryRounds extends RoundsPart {
  readonly shownBatches: Shown;
  readonly shownQueries: Shown;
}

/** @param ask a step of the store */
export function memoryRounds(ask: <T>(name: string, act: () => T) => Promise<T>): MemoryRounds {
  const shownBatches: Shown = new Map();
  const shownQueries: Shown = new Map();
  const roundsOf = (kind: RoundKind): Shown => (kind === 'batch' ? shownBatches : shownQueries);
  const change = (kind: RoundKind, id: string, edit: (round: StoredRound) => Partial<StoredRound>): boolean => {
    const round = roundsOf(kind).get(id);
    if (round !== undefined) roundsOf(kind).set(id, { ...round, ...edit(round) });
    return round !== undefined;
  };
  const openRound = (kind: RoundKind, id: string, jws: string, end: number): boolean => {
    if (roundsOf(kind).has(id)) return false;
    roundsOf(kind).set(id, { id, jws, end, answers: [] });
    return true;
  };
  return {
    ...{ shownBatches, shownQueries },
    openRound: async (kind, { id, jws, end }) => ask(`open ${kind}`, () => openRound(kind, id, jws, end)),
    answerRound: async (kind, id, letter) =>
      ask(`answer ${kind}`, () =>
        change(kind, id, ({ answers }) => ({
          answers: [...answers.filter(({ from }) => from !== letter.from), letter],
        })),
      ),
    withdrawRound: async (kind, id, withdrawal) =>
      ask(`withdraw ${kind}`, () => change(kind, id, () => ({ withdrawal }))),
    findRound: async (kind, id) => ask(`find ${kind}`, () => roundsOf(kind).get(id)),
    rounds: async (kind) => ask(`${kind} rounds`, () => [...roundsOf(kind).keys()]),
  };
}

/** As keeper/batches/asked-here.ts, without a file. */
export function memoryAskedHere(now: () => number): AskedHere {
  let notes: readonly AskedNote[] = [];
  let alive: ReadonlySet<string> = new Set();
  return {
    add: async ({ id: batch, who, answerBy }) => {
      notes = [...notes, { batch, who, answerBy }];
      return Promise.resolve(true);
    },
    all: () => notes,
    mark: async (batches, as) => {
      notes = notes.map((note) =>
        batches.includes(note.batch) ? { ...note, ...(as === 'gone' ? { gone: true } : { withdrawn: now() }) } : note,
      );
      return Promise.resolve();
    },
    live: (batches) => (alive = batches),
    of: (who) =>
      notes
        .filter((note) => isSamePerson(note.who, who) && note.gone !== true)
        .filter((note) => now() < note.answerBy || alive.has(note.batch))
        .map((note) => ({ batch: note.batch, login: note.who.login })),
  };
}
