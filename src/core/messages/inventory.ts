// The messages of `tmux-gate peers sync`, for root.
import { commandExits } from '../exits.ts';
import { sanitizeLine } from '../text.ts';
import type { Fault } from './setup-faults.ts';

const { data, noInput, config } = commandExits;
const shown = (text: string): string => sanitizeLine(text, 200);

export const inventoryTaken = (serial: number, hosts: number): string =>
  `Inventory ${serial} is taken: ${hosts} ${hosts === 1 ? 'host' : 'hosts'}.`;

/** Peers that the list does not name. */
export const othersStay = (hosts: readonly string[]): string =>
  `Still trusted, though the inventory does not name them: ${shown(hosts.join(', '))}. To end that: --prune`;

export const ownKeysDiffer =
  'The inventory has other keys of this host than it has. Other hosts refuse what it signs, until a new inventory has /var/lib/tmux-gate/keys/host.pub.jwk.';

export const inventoryUnread = (path: string): Fault => ({
  ...{ code: 'INVENTORY', exit: noInput, say: `${shown(path)} cannot be read.` },
  hint: 'name the list, with its signature beside it in a file that ends in .sig',
});

export const badInventory: Fault = {
  ...{ code: 'INVENTORY', exit: data, say: 'This is no inventory.' },
  hint: 'write {"serial": 1, "hosts": {"web-01": ...}}, each host with the content of its host.pub.jwk',
};

export const signersUnread = (path: string): Fault => ({
  ...{
    code: 'INVENTORY_SIGNERS',
    exit: config,
    say: `${shown(path)} is missing, or others than root can write to it.`,
  },
  hint: 'put who may sign into it, as allowed_signers of ssh-keygen(1): fleet namespaces="tmux-gate-inventory" ssh-ed25519 AAAA...',
});

export const inventoryUnsigned = (signature: string, signers: string): Fault => ({
  ...{
    code: 'INVENTORY_SIGNATURE',
    exit: data,
    say: `${shown(signature)} is no signature of the list by a known signer.`,
  },
  hint: `nothing was changed; sign it with: ssh-keygen -Y sign -f KEY -n tmux-gate-inventory LIST; who may is in ${shown(signers)}`,
});

export const takenUnread = (path: string): Fault => ({
  ...{
    code: 'INVENTORY_OLD',
    exit: data,
    say: `Nobody can say which inventory was taken last: ${path} cannot be read.`,
  },
  hint: `look at it; where the list is known to be the newest, remove it: rm ${path}`,
});

export const olderInventory = (serial: number, taken: number): Fault => ({
  ...{
    code: 'INVENTORY_OLD',
    exit: data,
    say: `This inventory has the number ${serial}, and ${taken} was taken already.`,
  },
  hint: 'nothing was changed; get the newest one, or have it signed with a higher number',
});
