// The messages of `tmux-gate peers`, for root.
import { commandExits } from '../exits.ts';
import { sanitizeLine } from '../text.ts';
import { formatInstant } from '../time.ts';
import type { Fault } from './setup-faults.ts';

const { usage, data, noInput } = commandExits;
const shown = (text: string): string => sanitizeLine(text, 200);

/** The keys of a host, by their fingerprints. */
export interface KeysSaid {
  readonly journal: string;
  /** Those that sign, and until when they count (instant, ms), where they end. */
  readonly signing: readonly { readonly fingerprint: string; readonly until?: number }[];
}

/** What a person compares before they trust a host. */
export const keysOfPeer = (host: string, { journal, signing }: KeysSaid): readonly string[] => [
  `Keys of ${host}:`,
  `  journal  ${journal}`,
  ...signing.map(
    ({ fingerprint, until }) =>
      `  signs    ${fingerprint}${until === undefined ? '' : `, until ${formatInstant(until)}`}`,
  ),
];

export const askFingerprint = (host: string): string =>
  `Does "tmux-gate keys list" on ${host} say the same of every key? Type yes, or paste the fingerprints from there: `;

export const peersHead = ['HOST', 'JOURNAL KEY', 'SIGNS', 'FILE'] as const;
export const noPeers = 'No other host is trusted: tmux-gate peers add HOST --key FILE';
export const thisHost = 'this host';
export const oneKey = 'the same key';
export const moreKeys = (count: number): string => `${count} ${count === 1 ? 'key' : 'keys'}`;
export const unreadKeys = 'cannot be read';
/** In the reason why they are none. */
export const givenKeys = 'what was given';

export const peerAdded = (host: string): string => `This host trusts what ${host} signs.`;
export const peerRemoved = (host: string): string =>
  `This host no longer trusts ${host}: its reviews do not count, and its locks are not taken over.`;
export const tellItToo = (host: string, us: string): string =>
  `For approvals in the other direction, add ${us} on ${host} as well.`;

const rightKey = 'compare with what "tmux-gate keys list" says on that host';

export const badPeerKey = (why: string): Fault => ({
  ...{ code: 'PEER_KEY', exit: data, say: `These are no public keys of a host: ${shown(why)}.` },
  hint: 'copy /var/lib/tmux-gate/keys/host.pub.jwk from the other host, and nothing else from that folder',
});

export const peerKeyUnread = (path: string): Fault => ({
  ...{ code: 'PEER_KEY', exit: noInput, say: `${shown(path)} cannot be read.` },
  hint: 'name a copy of host.pub.jwk of the other host, or - and give it on standard input',
});

/** @param one a fingerprint that only one side has */
export const otherFingerprint = (host: string, one: string): Fault => ({
  ...{
    code: 'PEER_FINGERPRINT',
    exit: data,
    say: `The keys of ${shown(host)} are not those given: ${shown(one)} is on one side only.`,
  },
  hint: `nothing was changed; ${rightKey}`,
});

export const notCompared: Fault = {
  ...{ code: 'PEER_FINGERPRINT', exit: usage, say: 'Nobody has compared the fingerprints.' },
  hint: `nothing was changed; ${rightKey}, and give them with --fingerprint, commas between them`,
};

export const otherKeys = (host: string): Fault => ({
  ...{ code: 'PEER_CHANGED', exit: data, say: `None of these keys is known as one of ${shown(host)}.` },
  hint: 'a rotation keeps one that is; if the host was installed anew, say so: --replace',
});

export const ownName = (host: string): Fault => ({
  ...{ code: 'PEER_HOST', exit: usage, say: `${shown(host)} is this host.` },
  hint: 'name the other one, as its own policy does (host:)',
});

export const noPeer = (host: string): Fault => ({
  ...{ code: 'NO_SUCH_PEER', exit: usage, say: `The policy names no peer ${shown(host)}.` },
  hint: 'look with: tmux-gate peers list',
});
