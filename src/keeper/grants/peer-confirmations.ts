// Confirmations of other hosts that nothing is left of a revoked grant. They are only shown to the person who revoked; nothing is decided
// by them.

/** Waits for confirmations. */
export interface PeerConfirmations {
  /** Whether the host confirms within `limitMs`. Call it before the revocation is announced, so that no confirmation is missed. */
  expect(host: string, grant: string, limitMs: number): Promise<boolean>;
  /** A confirmation came; without somebody who waits it is dropped. */
  give(host: string, grant: string): void;
}

/** Nobody waits yet. */
export function openPeerConfirmations(): PeerConfirmations {
  const waiting = new Map<string, Set<() => void>>();
  const name = (host: string, grant: string): string => `${host} ${grant}`;
  return {
    give: (host, grant) => waiting.get(name(host, grant))?.forEach((tell) => tell()),
    expect: async (host, grant, limitMs) => {
      const key = name(host, grant);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const late = setTimeout(() => resolve(false), limitMs);
      const tell = (): void => resolve(true);
      const tellers = waiting.get(key) ?? new Set();
      waiting.set(key, tellers.add(tell));
      const confirmed = await promise;
      clearTimeout(late);
      tellers.delete(tell);
      if (tellers.size === 0) waiting.delete(key);
      return confirmed;
    },
  };
}
