// Requests for several hosts and questions to the fleet, in memory.
import type { RoundKind, RoundsPart, StoredRound } from '../../../src/adapters/redis/rounds.ts';
import { askedHereOf, type AskedHere } from '../../../src/keeper/batches/asked-here.ts';

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

/** Without a file. */
export const memoryAskedHere = (now: () => number): AskedHere => askedHereOf([], now, async () => Promise.resolve());
