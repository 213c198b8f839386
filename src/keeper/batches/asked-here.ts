// Who asked for several hosts here, and may have access there by now: the provider is asked about them here, where their refresh token is
// (identity/rechecks.ts), and their access on the other hosts ends when it no longer vouches for them.
//
// 1. A batch is noted on disk before it is posted, and until the last access that came of it ends. Attack: a person whom the company has
//    disabled goes on elsewhere, because no host that has their connection can ask about them.
import { readState, writeState } from '../../adapters/state-file.ts';
import type { Batch } from '../../core/batch.ts';
import { mostHosts } from '../../core/host-pattern.ts';
import { isSamePerson, type SamePerson } from '../../core/identity.ts';
import { idShape, instantShape, nameShape, personShape } from '../../core/request.ts';
import { list, object } from '../../core/shape.ts';
import { memberId } from './member-id.ts';

const mostKept = 1_000;
const stateShape = list(
  object({ batch: idShape, who: personShape, hosts: list(nameShape, mostHosts), until: instantShape }),
  mostKept + 1,
);
type Noted = NonNullable<ReturnType<typeof stateShape>>[number];

/** The batches that were asked for here and still matter. */
export interface AskedHere {
  /** Rule 1. On disk when it resolves. @throws an error of the file system */
  add(batch: Batch): Promise<void>;
  /** Whether a request of another host is of a batch of this one. */
  has(request: string): boolean;
  /** A request of such a batch was granted until this instant (ms). @throws an error of the file system */
  granted(request: string, until: number): Promise<void>;
  /** The batches of a person, with their login here. */
  of(who: SamePerson): readonly { readonly batch: string; readonly login: string }[];
  /** All batches, by id. */
  ids(): readonly string[];
}

/** Reads what earlier keepers noted. @throws Error when the file cannot be understood */
export async function openAskedHere(path: string, now: () => number): Promise<AskedHere> {
  let noted: readonly Noted[] = (await readState(path, stateShape)) ?? [];
  const live = (): readonly Noted[] => noted.filter(({ until }) => until > now());
  const isOf = ({ batch, hosts }: Noted, request: string): boolean =>
    hosts.some((host) => memberId(batch, host) === request);
  const save = async (next: readonly Noted[]): Promise<void> => {
    noted = next.slice(-mostKept);
    await writeState(path, noted, true, stateShape);
  };
  return {
    add: async ({ id, who, hosts, answerBy }) => save([...live(), { batch: id, who, hosts, until: answerBy }]),
    has: (request) => live().some((one) => isOf(one, request)),
    granted: async (request, until) => {
      const next = live().map((one) => (isOf(one, request) ? { ...one, until: Math.max(one.until, until) } : one));
      await save(next);
    },
    of: (who) =>
      live()
        .filter((one) => isSamePerson(one.who, who))
        .map((one) => ({ batch: one.batch, login: one.who.login })),
    ids: () => live().map(({ batch }) => batch),
  };
}
