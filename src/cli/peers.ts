// `peers add`, `peers remove`, `peers sync` and `peers list`: the other hosts whose signatures this host trusts.
import { readFile } from 'node:fs/promises';
import { text as textFrom } from 'node:stream/consumers';
import { publicPath } from '../adapters/keys-files.ts';
import {
  askFingerprint,
  keysOfPeer,
  moreKeys,
  noPeers,
  notCompared,
  oneKey,
  otherFingerprint,
  peerAdded,
  peerKeyUnread,
  peerRemoved,
  peersHead,
  tellItToo,
  thisHost,
  unreadKeys,
  type KeysSaid,
} from '../core/messages/peers.ts';
import { inventoryTaken, othersStay, ownKeysDiffer } from '../core/messages/inventory.ts';
import { missingAnswers } from '../core/messages/setup-faults.ts';
import { settingUp } from '../core/messages/setup.ts';
import { asciiJson } from '../core/text.ts';
import { places } from '../core/setup-rules/wanted.ts';
import { SetupFault } from '../setup/fault.ts';
import { planInventory, readInventory } from '../setup/inventory.ts';
import {
  keysIn,
  listPeers,
  planPeerAdd,
  planPeerRemove,
  policyNow,
  saidOf,
  unlike,
  type Peer,
} from '../setup/peer-changes.ts';
import type { Planned } from '../setup/perform.ts';
import { changeNow, partsOf, requireNone } from '../setup/setup-run.ts';
import type { Layout } from '../wire/layout.ts';
import { table } from '../wire/listing.ts';
import type { Screen } from './render.ts';
import { asRoot, question, requireKept, showPlan } from './setup-screen.ts';
import { toldKeeper } from './told-keeper.ts';

/** The command's words and options. */
export interface PeersOptions {
  readonly what: 'add' | 'remove' | 'list' | 'sync';
  readonly host?: string | undefined;
  readonly key?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly replace: boolean;
  readonly signers?: string | undefined;
  readonly prune: boolean;
  readonly dryRun: boolean;
  readonly json?: boolean | undefined;
}

/** Runs `peers`. @returns the exit code */
export async function peers(layout: Layout, options: PeersOptions): Promise<number> {
  return asRoot('peers', async (screen) => {
    const parts = partsOf(layout);
    if (options.what === 'list') return list(screen, layout, options.json === true);
    await requireNone(parts);
    const { host } = options;
    if (host === undefined) throw new SetupFault(missingAnswers([options.what === 'sync' ? 'INVENTORY' : 'HOST']));
    if (options.what === 'sync') return sync(screen, layout, host, options);
    return options.what === 'add' ? add(screen, layout, host, options) : remove(screen, layout, host, options);
  });
}

async function add(screen: Screen, layout: Layout, host: string, options: PeersOptions): Promise<number> {
  const { key, replace, dryRun } = options;
  if (key === undefined) throw new SetupFault(missingAnswers(['--key']));
  const given = await readGiven(key);
  const keys = saidOf(keysIn(given));
  const changes = await planPeerAdd(host, given, replace);
  screen.note(keysOfPeer(host, keys));
  if (changes.length > 0 && !dryRun) await compare(host, keys, options);
  const us = (await policyNow()).config.host;
  return change(screen, layout, changes, { dryRun, name: 'peer-add', said: [peerAdded(host), tellItToo(host, us)] });
}

async function readGiven(key: string): Promise<string> {
  if (key === '-') return textFrom(process.stdin);
  return readFile(key, 'utf8').catch(() => {
    throw new SetupFault(peerKeyUnread(key));
  });
}

/** Rule 1 of setup/peer-changes. @throws SetupFault when one is another, or nobody says that they are the same */
async function compare(host: string, keys: KeysSaid, { key, fingerprint }: PeersOptions): Promise<void> {
  const isAsked = process.stdin.isTTY && key !== '-';
  const answer = fingerprint ?? (isAsked ? await question(askFingerprint(host)) : undefined);
  if (answer === undefined || answer === '' || answer === 'no') throw new SetupFault(notCompared);
  if (fingerprint === undefined && answer === 'yes') return;
  const missing = unlike(keys, answer);
  if (missing !== undefined) throw new SetupFault(otherFingerprint(host, missing));
}

async function remove(screen: Screen, layout: Layout, host: string, { dryRun }: PeersOptions): Promise<number> {
  const changes = await planPeerRemove(host);
  return change(screen, layout, changes, { dryRun, name: 'peer-remove', said: [peerRemoved(host)] });
}

/** Takes the hosts of a signed list, so that it can be run by a timer: it asks nothing. */
async function sync(screen: Screen, layout: Layout, list: string, options: PeersOptions): Promise<number> {
  const { signers = places.inventorySigners, prune, dryRun } = options;
  const inventory = await readInventory({ list, signers });
  const { changes, others, ownDiffer } = await planInventory(inventory, publicPath(layout.keys), prune);
  if (others.length > 0) screen.note([othersStay(others)]);
  if (ownDiffer === true) screen.note([ownKeysDiffer]);
  const said = [inventoryTaken(inventory.serial, Object.keys(inventory.hosts).length)];
  return change(screen, layout, changes, { dryRun, name: 'peers-sync', said });
}

interface Told {
  readonly dryRun: boolean;
  /** Of the command, in the journal of setup. */
  readonly name: string;
  readonly said: readonly string[];
}

async function change(screen: Screen, layout: Layout, changes: readonly Planned[], told: Told): Promise<number> {
  const shown = await showPlan(screen, changes, { sshd: false, dryRun: told.dryRun });
  if (shown !== undefined) return shown;
  screen.wait(settingUp);
  requireKept(screen, await changeNow(layout, told.name, changes));
  screen.note([...told.said, await toldKeeper(layout)]);
  return 0;
}

async function list(screen: Screen, layout: Layout, json: boolean): Promise<number> {
  const all = await listPeers(publicPath(layout.keys));
  if (json) screen.out([asciiJson(all)]);
  else screen.out(table(peersHead, all.map(rowOf), process.stdout.columns));
  if (!json && all.length === 1) screen.note([noPeers]);
  return 0;
}

function rowOf({ host, own, file, keys }: Peer): readonly string[] {
  const place = own ? thisHost : file;
  if (keys === undefined) return [host, unreadKeys, '', place];
  const [first] = keys.signing;
  const isOne = keys.signing.length === 1 && first?.fingerprint === keys.journal;
  return [host, keys.journal, isOne ? oneKey : moreKeys(keys.signing.length), place];
}
