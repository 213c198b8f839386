// What a keeper that starts knows of the recordings of an earlier one: its state, and what the journal has since that was written.
import type { Journal } from '../../adapters/journal/journal.ts';
import { integer, object, text } from '../../core/shape.ts';
import type { Unsealed } from '../state/unsealed.ts';

const rangeShape = object({ connection: text(16), range: integer(0), to: integer(1), chain: text(64) });

/** The recordings that an earlier keeper began to read. */
export interface Recalled {
  readonly open: readonly Unsealed[];
  /** Those whose connection was never journaled: nobody was let in. */
  readonly never: readonly Unsealed[];
}

/** Adds to each what the journal says of it (recordings.ts, rule 1). @throws Error when the journal cannot be read */
export async function recall(journal: Pick<Journal, 'records'>, all: readonly Unsealed[]): Promise<Recalled> {
  const known = new Map(all.map((state) => [state.connection, { state, begun: state.cuts.length > 0 }]));
  if (all.length === 0) return { open: [], never: [] };
  const from = Math.min(...all.map(({ journal: at }) => at));
  for await (const record of journal.records(undefined, from)) {
    const one = known.get(String(record['connection']));
    if (one === undefined) continue;
    if (record['event'] === 'connected') one.begun = true;
    one.state = after(one.state, record);
  }
  const found = [...known.values()];
  const isOpen = ({ begun, state }: (typeof found)[number]): boolean => begun || state.closed === true;
  return {
    open: found.filter(isOpen).map(({ state }) => state),
    never: found.filter((one) => !isOpen(one)).map(({ state }) => state),
  };
}

function after(state: Unsealed, record: Readonly<Record<string, unknown>>): Unsealed {
  const { event, connection, range, to, chain } = record;
  if (event === 'recording-closed') return { ...state, closed: true };
  if (event === 'recording-changed') return { ...state, changed: true };
  if (event !== 'recording-range') return state;
  const read = rangeShape({ connection, range, to, chain });
  if (read?.range !== state.cuts.length) return state;
  return { ...state, cuts: [...state.cuts, read.to], chain: read.chain };
}
