// The hosts that a policy names.
import type { KnownHosts } from './host-pattern.ts';
import type { Config } from './policy-types.ts';

/** This host, its peers, and the labels that root gave them. */
export function knownHosts({ host, peers, hostLabels }: Pick<Config, 'host' | 'peers' | 'hostLabels'>): KnownHosts {
  return { hosts: [host, ...Object.keys(peers)].sort(), labels: hostLabels };
}
