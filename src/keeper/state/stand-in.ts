// A stand-in: services hold it, and what stands behind it can be exchanged (compose-policy.ts, state/policy.ts).

/**
 * Passes each read of a property to what is current at that moment. Whoever keeps what they read keeps the old one.
 * @param current called at each read
 */
export function standInFor<T extends object>(current: () => T): T {
  const describe = (key: PropertyKey): PropertyDescriptor | undefined => {
    const found = Reflect.getOwnPropertyDescriptor(current(), key);
    return found && { ...found, configurable: true }; // the stand-in itself has no property to be frozen
  };
  return new Proxy({} as T, {
    get: (_, key) => {
      const it = current();
      const value: unknown = Reflect.get(it, key);
      return typeof value === 'function' ? (value.bind(it) as unknown) : value;
    },
    has: (_, key) => Reflect.has(current(), key),
    ownKeys: () => Reflect.ownKeys(current()),
    getOwnPropertyDescriptor: (_, key) => describe(key),
    set: () => false,
  });
}
