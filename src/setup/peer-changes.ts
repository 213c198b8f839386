// `peers`: whose signatures this host trusts.
//
// 1. A host is trusted because a person, or a script that knows it from elsewhere, compared the fingerprint of each of its keys. Attack: whoever is
//    between the two hosts hands over a key of their own, beside the genuine ones, and approves whatever they like.
// 2. New keys of a host that is known are taken where one of the known ones is among them, as it is after a rotation; others only with
//    `--replace`. Attack: the file of another host, or of an attacker, takes the place of a known one without a word.
import { dirname } from 'node:path';
import { fingerprintOf, parsePublicKeys, readPublicKeys, type HostKeys } from '../adapters/keys-files.ts';
import { badPeerKey, givenKeys, noPeer, otherKeys, ownName, type KeysSaid } from '../core/messages/peers.ts';
import { noPolicy } from '../core/messages/setup-faults.ts';
import type { Config } from '../core/policy-types.ts';
import { places } from '../core/setup-rules/wanted.ts';
import { SetupFault } from './fault.ts';
import { lookAt, textOf } from './found.ts';
import { policyOf } from './init-plan.ts';
import type { Planned } from './perform.ts';
import { planFolder } from './plan-accounts.ts';
import { planFiles } from './plan-files.ts';
import { withPeer, withoutPeer } from './policy-text.ts';

/** Where the keys of a peer go that the policy has no place for yet. */
const placeOf = (host: string): string => `${places.peers}/${host}.jwk`;

/** The keys that a text says. @throws SetupFault when it says something else, such as a private key */
export function keysIn(text: string): HostKeys {
  try {
    return parsePublicKeys(text, givenKeys);
  } catch (error) {
    throw new SetupFault(badPeerKey(Error.isError(error) ? error.message : 'unreadable'));
  }
}

/** Their fingerprints. */
export function saidOf({ journal, first, signing }: HostKeys): KeysSaid {
  const others = [...signing].map(([fingerprint, { until }]) => ({
    fingerprint,
    ...(until === undefined ? {} : { until }),
  }));
  return { journal: fingerprintOf(journal), signing: others.length > 0 ? others : [{ fingerprint: first }] };
}

/**
 * Compares all keys with fingerprints that somebody gives, in any order, with commas or spaces between them (rule 1).
 * @returns a fingerprint that only one side has; undefined when both have the same
 */
export function unlike({ journal, signing }: KeysSaid, given: string): string | undefined {
  const keys = new Set([journal, ...signing.map(({ fingerprint }) => fingerprint)]);
  const told = new Set(given.split(/[\s,]+/).filter((word) => word !== ''));
  return [...keys].find((one) => !told.has(one)) ?? [...told].find((one) => !keys.has(one));
}

/** The policy as it is; files that it names are not looked at. @throws SetupFault when there is none, or it is not in order */
export async function policyNow(): Promise<{ readonly text: string; readonly config: Config }> {
  const text = textOf(await lookAt(places.config));
  if (text === undefined) throw new SetupFault(noPolicy(places.config));
  return { text, config: policyOf(text) };
}

/** The changes that have this host trust another. @throws SetupFault for its own name, or unknown keys of a known host (rule 2) */
export async function planPeerAdd(host: string, given: string, replace: boolean): Promise<readonly Planned[]> {
  const { text, config } = await policyNow();
  if (host === config.host) throw new SetupFault(ownName(host));
  const path = config.peers[host] ?? placeOf(host);
  const known = config.peers[host] === undefined ? undefined : await readPublicKeys(path).catch(() => undefined);
  if (known !== undefined && !replace && !haveOneInCommon(known, keysIn(given))) throw new SetupFault(otherKeys(host));
  const policy = withPeer(text, host, path);
  policyOf(policy);
  return [
    ...(path === placeOf(host) ? await planFolder(dirname(path), 0o755) : []),
    ...(await planFiles([
      { path, mode: 0o644, text: () => given },
      { path: places.config, mode: 0o600, text: () => policy },
    ])),
  ];
}

function haveOneInCommon(known: HostKeys, given: HostKeys): boolean {
  const all = ({ journal, signing }: HostKeys): readonly string[] => [fingerprintOf(journal), ...signing.keys()];
  return all(given).some((one) => all(known).includes(one));
}

/** The changes that end it. Its file stays. @throws SetupFault when it does not */
export async function planPeerRemove(host: string): Promise<readonly Planned[]> {
  const { text, config } = await policyNow();
  if (config.peers[host] === undefined) throw new SetupFault(noPeer(host));
  const policy = withoutPeer(text, host);
  policyOf(policy);
  return planFiles([{ path: places.config, mode: 0o600, text: () => policy }]);
}

/** A host that this one trusts, or this one itself. */
export interface Peer {
  readonly host: string;
  readonly own: boolean;
  readonly file: string;
  /** Undefined: they cannot be read. */
  readonly keys: KeysSaid | undefined;
}

/** This host first, then its peers by name. @param own the file of its own public keys */
export async function listPeers(own: string): Promise<readonly Peer[]> {
  const { config } = await policyNow();
  const read = async (host: string, file: string, isOwn: boolean): Promise<Peer> => {
    const keys = await readPublicKeys(file).then(saidOf, () => undefined);
    return { host, own: isOwn, file, keys };
  };
  const peers = Object.entries(config.peers).sort(([a], [b]) => (a < b ? -1 : 1));
  return Promise.all([read(config.host, own, true), ...peers.map(async ([host, file]) => read(host, file, false))]);
}
