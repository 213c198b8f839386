// `peers sync`: takes the hosts of a fleet from one list that somebody signed (ssh-keygen(1), -Y sign), so that nobody compares fingerprints host
// by host, and new keys come after a rotation.
//
// 1. The list counts only with a signature of one of the signers that root of this host named, in a file that root alone can write, and in the
//    namespace of these lists. Attack: whoever carries the list adds a host of their own; a signature for something else is taken for one.
// 2. A list that is older than the one that was taken last is refused, or another one of the same number. Attack: an old list brings back a host that was taken out, or keys that
//    leaked.
// 3. What it says of this host itself must be the keys that this host has, or else it is said: other hosts would refuse what it signs.
// 4. Hosts that it does not name stay, unless the admin asks for them to go (`--prune`).
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readPublicKeys } from '../adapters/keys-files.ts';
import { sha256 } from '../adapters/sha256.ts';
import { readGuarded } from '../config/safety.ts';
import { hostForm } from '../config/fields.ts';
import {
  badInventory,
  inventoryUnread,
  inventoryUnsigned,
  olderInventory,
  signersUnread,
  takenUnread,
} from '../core/messages/inventory.ts';
import { digestShape } from '../core/request.ts';
import { parseJson, integer, object, type Shape } from '../core/shape.ts';
import { places } from '../core/setup-rules/wanted.ts';
import { SetupFault } from './fault.ts';
import { lookAt, textOf } from './found.ts';
import { policyOf } from './init-plan.ts';
import { keysIn, policyNow, saidOf } from './peer-changes.ts';
import type { Planned } from './perform.ts';
import { planFolder } from './plan-accounts.ts';
import { planFiles } from './plan-files.ts';
import { withPeer, withoutPeer } from './policy-text.ts';
import { ask } from './tools.ts';

/** What a list is signed for: a signature in another namespace counts for nothing here. */
const namespace = 'tmux-gate-inventory';
const largest = 4 * 1024 * 1024;

/** The hosts of a fleet with their public keys, as somebody signed them. */
export interface Inventory {
  /** A later list has a higher number. */
  readonly serial: number;
  /** SHA-256 of its text, as hex. */
  readonly digest: string;
  /** Host name to the text of its public keys (JWK, or a set of them). */
  readonly hosts: Readonly<Record<string, string>>;
}

/** Where lists come from, and who may sign them. */
export interface InventoryFiles {
  readonly list: string;
  /** allowed_signers of ssh-keygen(1). */
  readonly signers: string;
}

/** Reads a list, and its signature in the file beside it (`.sig`). @throws SetupFault by rules 1 and 2, or when it cannot be understood */
export async function readInventory(files: InventoryFiles): Promise<Inventory> {
  const [list, signers] = [resolve(files.list), resolve(files.signers)]; // ssh-keygen runs in another folder
  const text = await readFile(list, 'utf8').catch(() => {
    throw new SetupFault(inventoryUnread(list));
  });
  await checkSignature(text, `${list}.sig`, signers);
  const inventory = parsed(text);
  const last = textOf(await lookAt(places.inventory));
  if (last === undefined) return inventory;
  const taken = parseJson(last, takenShape, largest);
  if (taken === undefined) throw new SetupFault(takenUnread(places.inventory));
  const isOther = inventory.serial === taken.serial && inventory.digest !== taken.digest;
  if (isOther || inventory.serial < taken.serial) throw new SetupFault(olderInventory(inventory.serial, taken.serial));
  return inventory;
}

/** Rule 1. ssh-keygen reads the signers' file itself, so who can write to that is looked at before. */
async function checkSignature(text: string, signature: string, signers: string): Promise<void> {
  await readGuarded(signers, { secret: false, maxBytes: largest }).catch(() => {
    throw new SetupFault(signersUnread(signers));
  });
  const found = await ask('ssh-keygen', ['-Y', 'find-principals', '-f', signers, '-s', signature], text);
  const [principal = ''] = found.code === 0 ? found.out.trim().split('\n') : [];
  if (principal === '') throw new SetupFault(inventoryUnsigned(signature, signers));
  const words = ['-Y', 'verify', '-f', signers, '-I', principal, '-n', namespace, '-s', signature];
  if ((await ask('ssh-keygen', words, text)).code !== 0) throw new SetupFault(inventoryUnsigned(signature, signers));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const hostsShape: Shape<Readonly<Record<string, unknown>>> = (value) =>
  isObject(value) && Object.keys(value).every((host) => hostForm.test(host)) ? value : undefined;
const listShape = object({ serial: integer(0), hosts: hostsShape });
/** What is kept of the list that was taken last. */
const takenShape = object({ serial: integer(0), digest: digestShape });

function parsed(text: string): Inventory {
  const read = parseJson(text, listShape, largest);
  if (read === undefined) throw new SetupFault(badInventory);
  const hosts = Object.entries(read.hosts).map(([host, keys]) => {
    const said = `${JSON.stringify(keys)}\n`;
    keysIn(said); // each is public keys, or nothing is taken
    return [host, said] as const;
  });
  return { serial: read.serial, digest: sha256(text), hosts: Object.fromEntries(hosts) };
}

/** What a list changes on this host. */
export interface InventoryPlan {
  readonly changes: readonly Planned[];
  /** Peers that it does not name and that stay (rule 4). */
  readonly others: readonly string[];
  /** Whether it says other keys of this host than this host has (rule 3); undefined: it does not name this host, which may have no keys yet. */
  readonly ownDiffer: boolean | undefined;
}

/** @param own the file of this host's own public keys. @param prune rule 4. @throws SetupFault when the policy would not be in order */
export async function planInventory(
  { serial, digest, hosts }: Inventory,
  own: string,
  prune: boolean,
): Promise<InventoryPlan> {
  const { text, config } = await policyNow();
  const named = Object.entries(hosts).filter(([host]) => host !== config.host);
  const pathOf = (host: string): string => config.peers[host] ?? `${places.peers}/${host}.jwk`;
  const others = Object.keys(config.peers).filter((host) => !Object.hasOwn(hosts, host));
  const gone = prune ? others : [];
  const added = named.reduce((policy, [host]) => withPeer(policy, host, pathOf(host)), text);
  const policy = gone.reduce(withoutPeer, added);
  policyOf(policy);
  const files = named.map(([host, keys]) => ({ path: pathOf(host), mode: 0o644, text: () => keys }));
  const taken = { path: places.inventory, mode: 0o644, text: () => `${JSON.stringify({ serial, digest })}\n` };
  const changes = await planFiles([...files, { path: places.config, mode: 0o600, text: () => policy }, taken]);
  const folder = changes.length === 0 ? [] : await planFolder(dirname(places.inventory), 0o755);
  return {
    changes: [...folder, ...changes],
    others: prune ? [] : others,
    ownDiffer: await differs(own, hosts[config.host]),
  };
}

async function differs(own: string, said: string | undefined): Promise<boolean | undefined> {
  const keys = await readPublicKeys(own).catch(() => undefined);
  if (said === undefined || keys === undefined) return undefined;
  return JSON.stringify(saidOf(keysIn(said))) !== JSON.stringify(saidOf(keys));
}
