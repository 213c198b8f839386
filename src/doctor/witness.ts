// Checks who else vouches for the journal, by what the keeper says of them: it asks them all the time, and a checkpoint must not be sent to a
// witness for a look alone.
import { fail, orOk, unknown, warn, type Check, type Finding } from './check.ts';

/** What the keeper's `status --json` says; src/keeper/witness/witnessing.ts has it. */
export interface ToldOfWitnesses {
  readonly records: number;
  readonly witnesses: readonly {
    readonly name: string;
    readonly cosigned: number;
    readonly ok: boolean;
    readonly problem: string | null;
  }[];
  readonly forks: readonly { readonly host: string }[];
}

const lonely = 'there is no witness: only the anchor on this host shows whether root changed the journal';

/** @param told what the keeper says */
export function witnessFindings({ witnesses, forks }: ToldOfWitnesses): readonly Finding[] {
  const forked = forks.map(({ host }) =>
    fail(
      `the journal of ${host} contradicts what this host cosigned`,
      `find out what happened there: docs/on-call.md; tmux-gate audit witnessed ${host}`,
      host,
    ),
  );
  const wrong = witnesses.flatMap(({ name, ok: isFine, problem }) => {
    if (isFine && problem === null) return [];
    const why = problem === null ? 'it has not cosigned the journal for 10 minutes' : problem;
    const remedy =
      'compare url and key of journal.witness with those of the witness; of a peer: is its keeper running, and does it know this host?';
    return [(isFine ? warn : fail)(why, remedy, name)];
  });
  const fine = witnesses.length === 0 ? lonely : `cosigned by ${witnesses.map(({ name }) => name).join(', ')}`;
  return orOk([...forked, ...wrong], fine);
}

const witnesses: Check = {
  id: 'host-witness',
  about:
    'the witnesses of the journal answer and have cosigned it, and no peer shows a journal that contradicts what this host cosigned',
  look: async ({ askKeeper, root }) => {
    const answer = root ? await askKeeper() : undefined;
    if (answer === undefined)
      return [unknown('only the keeper knows, and it does not answer', 'see the check host-keeper')];
    return witnessFindings((JSON.parse(answer) as { readonly witness: ToldOfWitnesses }).witness);
  },
};

export const witnessChecks: readonly Check[] = [witnesses];
