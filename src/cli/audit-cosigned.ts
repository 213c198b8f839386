// What witnesses have cosigned of this host's journal, as `audit verify` compares and reports it.
import { cosignerOf, logKeyOf, noteChecks, openCheckpoint } from '../adapters/journal/checkpoints.ts';
import type { Kept, KeptVerdict } from '../adapters/journal/kept.ts';
import { openKeys } from '../adapters/keys.ts';
import { cosignedName, readCosigned } from '../adapters/witness/cosigned.ts';
import { loadConfig } from '../config/load.ts';
import { cosignedBy, cosignedOther, noWitnessAtAll, notCosignedYet } from '../core/messages/witness.ts';
import { readNote } from '../core/tlog/note.ts';
import { witnessesOf, type Cosigner } from '../core/tlog/witness.ts';
import { formatDuration } from '../core/time.ts';
import type { Layout } from '../wire/layout.ts';
import { reservedNames } from '../wire/verbs.ts';

/** The newest checkpoint that a witness of the policy has cosigned. */
export interface Cosigned {
  /** Whether the policy names any witness or peer. */
  readonly hasWitness: boolean;
  readonly records: number;
  readonly root: string;
  readonly witnesses: readonly Cosigner[];
}

const nothing = { records: 0, root: '', witnesses: [] };

/** @throws Error when the policy or a key cannot be read */
export async function readOwnCosigned(layout: Layout): Promise<Cosigned> {
  const { host, peers, witnesses } = await loadConfig(layout.config, { reservedNames });
  const keys = await openKeys({ folder: layout.keys, host, peers });
  const trusted = [
    ...Object.keys(peers).map((peer) => cosignerOf(peer, keys.publicKey(peer) ?? '')),
    ...witnesses.map(({ key }) => key),
  ];
  const text = (await readCosigned(layout.journal)) ?? '';
  const head = openCheckpoint(text, logKeyOf(host, keys.publicKey() ?? ''));
  const note = readNote(text);
  const hasWitness = trusted.length > 0;
  if (head === undefined || note === undefined) return { hasWitness, ...nothing };
  const cosigners = witnessesOf(noteChecks, note, trusted);
  return cosigners.length === 0
    ? { hasWitness, ...nothing }
    : { hasWitness, records: head.size, root: head.root, witnesses: cosigners };
}

/** The checkpoint to compare the journal with. */
export function keptOf({ records: n, root, witnesses }: Cosigned): readonly Kept[] {
  return witnesses.length === 0 ? [] : [{ from: cosignedName, isOfLog: true, head: { n, root } }];
}

/** One line for people. @param kept the verdict on `keptOf` @param records of the journal */
export function cosignedLine(cosigned: Cosigned, kept: KeptVerdict | undefined, records: number): string {
  if (!cosigned.hasWitness) return noWitnessAtAll;
  if (cosigned.witnesses.length === 0) return notCosignedYet;
  const names = cosigned.witnesses
    .map(({ name, at }) => `${name}, ${formatDuration(Math.max(0, Date.now() - at))}`)
    .join('; ');
  const state = kept?.checkpoints.find(({ from }) => from === cosignedName)?.state;
  return state === 'matches' ? cosignedBy(cosigned.records, records, names) : cosignedOther(cosigned.records, names);
}
