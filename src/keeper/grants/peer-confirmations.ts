// Which host said that what a revoked grant opened is gone. A hint for the person who revoked: it opens and closes nothing.

export interface PeerConfirmations {
  /** Starts to listen before the revocation is told. */
  expect(host: string, grant: string, limitMs: number): Promise<boolean>;
  give(host: string, grant: string): void;
}

export function openPeerConfirmations(): PeerConfirmations {
  const waiting = new Map<string, () => void>();
  const name = (host: string, grant: string): string => `${host} ${grant}`;
  return {
    give: (host, grant) => waiting.get(name(host, grant))?.(),
    expect: async (host, grant, limitMs) => {
      const key = name(host, grant);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const late = setTimeout(() => resolve(false), limitMs);
      waiting.set(key, () => resolve(true));
      const confirmed = await promise;
      clearTimeout(late);
      waiting.delete(key);
      return confirmed;
    },
  };
}
