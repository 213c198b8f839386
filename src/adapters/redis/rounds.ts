// Rounds: what one host asks several hosts, what each of them says, and a withdrawal; each signed by its host.
import { events, key, prefix, sized } from './commands.ts';
import type { ScriptName } from './lua.ts';
import { readLetters, type Letter } from './replies.ts';

/** A request for several hosts (core/batch.ts), or a question for what they have (core/fleet-query.ts). */
export type RoundKind = 'batch' | 'query';

/** A round as it is stored; nothing of it is verified. */
export interface StoredRound {
  readonly id: string;
  readonly jws: string;
  /** Signed by the host that asked. */
  readonly withdrawal?: string;
  /** What hosts say. */
  readonly answers: readonly Letter[];
}

/** The part of the store that has the rounds. Each method throws Refused REDIS_DOWN. */
export interface RoundsPart {
  /** Stores a round that lives until `end` (milliseconds since the epoch), and tells every host. @returns false if the id is taken. */
  openRound(
    kind: RoundKind,
    round: { readonly id: string; readonly jws: string; readonly end: number },
  ): Promise<boolean>;
  /** Adds what one host says, in the place of what it said before. @returns false when there is no such round */
  answerRound(kind: RoundKind, id: string, letter: Letter): Promise<boolean>;
  /** @returns false when there is no such round */
  withdrawRound(kind: RoundKind, id: string, jws: string): Promise<boolean>;
  findRound(kind: RoundKind, id: string): Promise<StoredRound | undefined>;
  /** The ids of the rounds that wait. */
  rounds(kind: RoundKind): Promise<readonly string[]>;
}

/** What this part needs of the connection. */
export interface RoundsDeps {
  readonly run: (name: ScriptName, keys: readonly string[], ...args: (string | number)[]) => Promise<unknown>;
  /** The ids in an index. */
  readonly members: (index: string) => Promise<readonly string[]>;
}

const indexes: Readonly<Record<RoundKind, string>> = { batch: `${prefix}batches`, query: `${prefix}queries` };
const [asked, withdrawn, ofHost] = ['jws', 'withdrawal', 'host:'];

export function roundsOf({ run, members }: RoundsDeps): RoundsPart {
  const add = async (kind: RoundKind, id: string, field: string, [jws, type]: [string, string]): Promise<boolean> =>
    (await run('addToRound', [key(kind, id), events], id, field, sized(jws), type)) === 1;
  return {
    openRound: async (kind, { id, jws, end }) =>
      (await run('openRound', [key(kind, id), indexes[kind], events], id, sized(jws), end, kind)) === 1,
    answerRound: async (kind, id, { from, jws }) => {
      key(from);
      return add(kind, id, ofHost + from, [jws, `${kind}-answered`]);
    },
    withdrawRound: async (kind, id, jws) => add(kind, id, withdrawn, [jws, `${kind}-withdrawn`]),
    findRound: async (kind, id) => readRound(id, readLetters(await run('round', [key(kind, id)]))),
    rounds: async (kind) => members(indexes[kind]),
  };
}

function readRound(id: string, fields: readonly Letter[]): StoredRound | undefined {
  const valueOf = (name: string): string | undefined => fields.find(({ from }) => from === name)?.jws;
  const [jws, withdrawal] = [valueOf(asked), valueOf(withdrawn)];
  if (jws === undefined) return undefined;
  const answers = fields.filter(({ from }) => from.startsWith(ofHost));
  return {
    id,
    jws,
    ...(withdrawal === undefined ? {} : { withdrawal }),
    answers: answers.map((one) => ({ from: one.from.slice(ofHost.length), jws: one.jws })),
  };
}
