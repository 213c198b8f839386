// Witnesses: those of this host's journal, and this host as one of others. Every few seconds, beside all other work.
//
// 1. Another policy may name other peers and witnesses: the next turn begins with them, and with what is known of those that stay. A peer that it no
//    longer names is neither asked nor answered (adapters/keys.ts, rule 6).
import { createHash } from 'node:crypto';
import { readWitnesses } from '../../adapters/witness/cosigned.ts';
import { addCheckpoint } from '../../adapters/witness/url.ts';
import { WitnessedLogs, type Files } from '../../adapters/witness/witnessed.ts';
import type { Config } from '../../core/policy-types.ts';
import type { Contradiction } from '../../core/tlog/witness.ts';
import { second } from '../../core/time.ts';
import { OwnLog, peerPlace, type OwnLogDeps } from './own-log.ts';
import { PeerLogs, type PeerLogsDeps } from './peer-logs.ts';

export type WitnessingDeps = Omit<OwnLogDeps, 'addCheckpoint'> &
  Omit<PeerLogsDeps, 'witnessed'> & {
    readonly config: Pick<Config, 'peers' | 'witnesses'>;
    readonly layout: { readonly witnessed: string };
    readonly files: Files;
  };

/** How far a witness has come, for `status`. */
export interface WitnessReport {
  readonly name: string;
  readonly cosigned: number;
  /** When it cosigned last: ms since the epoch; null for never. */
  readonly at: number | null;
  /** False when it is away, or has cosigned another journal. */
  readonly ok: boolean;
  /** Whether it has cosigned another journal. */
  readonly contradicts: boolean;
  /** For how long there have been records that it has not cosigned: milliseconds. */
  readonly lagMs: number;
  readonly problem: string | null;
}

/** A peer whose journal contradicts what this host cosigned. */
export interface ForkReport {
  readonly host: string;
  readonly problem: Contradiction;
  readonly cosigned: number;
  readonly shown: number;
}

export interface WitnessingReport {
  /** How many records the newest checkpoint has that was looked at. */
  readonly records: number;
  readonly witnesses: readonly WitnessReport[];
  readonly forks: readonly ForkReport[];
}

export interface Witnessing {
  /** Goes on until the signal aborts. */
  start(signal: AbortSignal): void;
  report(): WitnessingReport;
}

const turnMs = 3 * second;
/** The most peers that one host asks, so that the work in a fleet grows as the fleet does. */
const peersAsked = 8;

/** The same few peers each time, and other ones for other hosts: those whose names hash lowest together with the host's. */
export function chosenPeers(host: string, peers: readonly string[]): readonly string[] {
  const rank = new Map(peers.map((peer) => [peer, createHash('sha256').update(`${host} ${peer}`).digest('hex')]));
  const order = (peer: string): string => rank.get(peer) ?? '';
  return peers.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)).slice(0, peersAsked);
}

/** @throws Error when what this host cosigned cannot be understood */
export async function openWitnessing(deps: WitnessingDeps): Promise<Witnessing> {
  const { config, files, layout, log } = deps;
  let known = await readWitnesses(files, layout.witnesses);
  let { peers, witnesses } = config;
  let own = new OwnLog({ ...deps, addCheckpoint }, placesOf(deps), known);
  const others = new PeerLogs({ ...deps, witnessed: new WitnessedLogs(files, layout.witnessed) });
  await others.load();
  /** Rule 1. */
  const renew = async (): Promise<void> => {
    if (peers === config.peers && witnesses === config.witnesses) return;
    ({ peers, witnesses } = config);
    await own.end();
    const states = own.witnesses().map((one) => one.state());
    known = [...states, ...known.filter(({ name }) => !states.some((state) => state.name === name))];
    own = new OwnLog({ ...deps, addCheckpoint }, placesOf(deps), known);
  };
  let isBusy = false;
  const turn = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    const failed = (error: unknown): void => log.warn('witness-round', { error });
    await renew().catch(failed);
    const down = (error: unknown): void => log.info('witnesses-not-reached', { error });
    if (Object.keys(config.peers).length > 0) await others.turn().catch(down);
    await own.turn().catch(failed);
    isBusy = false;
  };
  return {
    start: (signal) => {
      const timer = setInterval(() => void turn(), turnMs);
      signal.addEventListener('abort', () => clearInterval(timer));
    },
    report: () => reportOf(own, others, deps),
  };
}

function placesOf({ config, host, keys }: WitnessingDeps): ConstructorParameters<typeof OwnLog>[1] {
  const peers = chosenPeers(host, Object.keys(config.peers)).map((peer) => peerPlace(peer, keys.publicKey(peer)));
  return [
    ...peers.filter((place) => place !== undefined),
    ...config.witnesses.map(({ key, url }) => [key, { url }] as const),
  ];
}

function reportOf(
  own: OwnLog,
  others: PeerLogs,
  { config: { peers }, monotonicNow }: WitnessingDeps,
): WitnessingReport {
  const now = monotonicNow();
  return {
    records: own.records,
    witnesses: own.witnesses().map((witness) => {
      const { name, size, at, isAway, contradicts, problem = null } = witness;
      const ok = !isAway && !contradicts;
      const lagMs = Math.round(witness.lag(now));
      return { name, cosigned: size, at: at === 0 ? null : at, ok, contradicts, lagMs, problem };
    }),
    forks: [...others.known()].flatMap(([host, { size, contradicting }]) =>
      contradicting === undefined || !Object.hasOwn(peers, host)
        ? []
        : [{ host, problem: contradicting.problem, cosigned: size, shown: contradicting.size }],
    ),
  };
}
