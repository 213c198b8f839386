// The messages of `tmux-gate keys`.
import { formatDuration, formatInstant } from '../time.ts';

export const keysHead = ['HOST', 'FINGERPRINT', 'USE', 'STATE', 'SINCE', 'UNTIL'] as const;

export const listOrRotate = 'Type keys list, or keys rotate';
export const onlyWithRotate = 'The options --prepare, --for and --leaked belong to keys rotate';
export const oneOfThem = 'Of --prepare, --for and --leaked, one at a time';
export const retireFewer = 'Too many retired keys still count; wait until the first of them has ended: keys list';

/** What `keys rotate --prepare` says. @param path of the public keys @param peers how many hosts must get them */
export function preparedLines(host: string, next: string, path: string, peers: number): readonly string[] {
  return [
    `The next key of ${host} is ${next}. It signs nothing yet.`,
    ...(peers === 0
      ? []
      : [
          `1. Copy ${path} to every host that names ${host} in its peers, and run there: tmux-gate peers add ${host} --key THE_COPY`,
        ]),
    `${peers === 0 ? '' : '2. '}Here, have it sign: tmux-gate keys rotate`,
  ];
}

/** What came of a rotation. */
export interface RotationSaid {
  readonly host: string;
  readonly current: string;
  readonly before: string;
  /** When the key before counts no longer, and now: instants, ms. */
  readonly until: number;
  readonly now: number;
  readonly leaked: boolean;
  /** Of the public keys. */
  readonly path: string;
  readonly peers: number;
  /** How many connections are live. */
  readonly connections: number;
}

export function rotatedLines(said: RotationSaid): readonly string[] {
  const { host, current, before, until, now, leaked, path, peers } = said;
  const copy = `copy ${path} to every host that names ${host} in its peers, and run there: tmux-gate peers add ${host} --key THE_COPY`;
  return [
    `${current} signs for ${host} from now on.`,
    ...(leaked
      ? leakedLines(said)
      : [
          `${before} counts until ${formatInstant(until)} (${formatDuration(until - now)}), for what it signed before.`,
        ]),
    ...(peers === 0
      ? []
      : [leaked ? `Until they have the new keys, peers trust the old one: ${copy}` : `Before then, ${copy}`]),
  ];
}

function leakedLines({ before, connections }: RotationSaid): readonly string[] {
  return [
    `${before} has ended: people sign in and ask anew, waiting requests and grants that nobody uses yet are void.`,
    connections === 0
      ? 'Nobody is attached.'
      : `${connections} ${connections === 1 ? 'connection goes' : 'connections go'} on: tmux-gate connections; end what should not be: tmux-gate revoke ID, or tmux-gate lock --all --reason ...`,
    'The key of the journal was beside it and stays: docs/operations.md, "A key leaked".',
  ];
}
