// The keys of this host, and their rotation.
//
// 1. A rotation is in memory before its file is written, and the next key counts before it signs: the old key signs nothing after the instant of
//    its retirement, and a keeper that dies in between knows both.
// 2. The next key is on disk before anybody hears of it. Accident: peers trust a key that nobody has.
// 3. Of a leak, no key that was in the folder signs or counts: the next one is made anew, and what was retired before ends with the current one.
//    The key of the journal stays (core/signing-keys.ts, rule 4; docs/operations.md).
import { createPublicKey, type KeyObject } from 'node:crypto';
import { hasRoom, keyIdOf, rotated, type Ending, type Retired, type Ring } from '../core/signing-keys.ts';
import {
  fingerprintOf,
  keyOf,
  makePair,
  printPublicKeys,
  publicMembers,
  publicPath,
  publish,
  writeRing,
  type FirstKey,
  type HostKeys,
  type SigningKey,
} from './keys-files.ts';

/** A key as `keys list` shows it; instants in ms. `accepted`: of a peer, which alone knows with which one it signs. */
export interface ShownKey {
  readonly host: string;
  /** JWK thumbprint (RFC 7638). */
  readonly fingerprint: string;
  readonly use: 'journal' | 'signing';
  readonly state: 'current' | 'next' | 'retired' | 'ended' | 'accepted';
  readonly since?: number;
  readonly until?: number;
}

/** The keys of this host in memory. */
export interface Own {
  readonly first: FirstKey;
  readonly ring: Ring | undefined;
  /** The key that signs, its `kid` and its fingerprint. */
  readonly signs: KeyObject;
  readonly kid: string;
  readonly current: string;
  /** The fingerprint of the key that will sign after it. */
  readonly next: string | undefined;
  readonly shown: HostKeys;
}

/** @throws Error when a key of the ring is none */
export function ownKeys(host: string, first: FirstKey, ring: Ring | undefined): Own {
  const journal = createPublicKey(first.key);
  const firstPrint = fingerprintOf(journal);
  const signs = ring?.current === undefined ? first.key : keyOf(ring.current, ringOf(host));
  const current = fingerprintOf(signs);
  const named = (key: KeyObject, terms: Omit<SigningKey, 'key'>): readonly [string, SigningKey] => [
    fingerprintOf(key),
    { key, ...terms },
  ];
  const next = ring?.next && named(createPublicKey(keyOf(ring.next, ringOf(host))), { since: ring.next.since });
  const retired = (ring?.retired ?? []).map(({ since, retiredAt, until, ...jwk }: Retired) =>
    named(keyOf(jwk, ringOf(host)), { since, retiredAt, until }),
  );
  const inUse = named(createPublicKey(signs), { since: ring?.current?.since ?? first.since });
  const signing = new Map([...retired, ...(next === undefined ? [] : [next]), inUse]);
  return {
    ...{ first, ring, signs, current, kid: keyIdOf(host, current, firstPrint), next: next?.[0] },
    shown: { journal, first: firstPrint, signing },
  };
}

const ringOf = (host: string): string => `signing.json of ${host}`;

/** What the rotation of the keys of one host works on. */
export interface RotationDeps {
  readonly folder: string;
  readonly host: string;
  now(): number;
  /** The keys of now. */
  own(): Own;
  /** Exchanges them, in one turn. */
  use(next: Own): void;
}

export interface Rotation {
  /** The fingerprint of the key that signs, and of the one that will after it. */
  own(): { readonly current: string; readonly next: string | undefined };
  /** Whether one more key can be retired. */
  hasRoom(): boolean;
  /**
   * Makes the next key; one that is there goes. It is on disk when this resolves, and signs nothing yet.
   * @param before is told its fingerprint before anything is kept
   */
  makeNext(before: (fingerprint: string) => Promise<unknown>): Promise<string>;
  /**
   * From now on the next key signs (rule 1). Nothing, if the key of this fingerprint signs already.
   * @throws Error when it is not the next key, or cannot be written: then the one before signs on
   */
  rotate(fingerprint: string, ending: Ending): Promise<void>;
  /** Writes the public keys of this host for its peers where they are not these. @returns the path */
  publish(): Promise<string>;
}

const noRing: Ring = { retired: [] };

export function openRotation(deps: RotationDeps): Rotation {
  const { folder, host } = deps;
  return {
    own: () => ({ current: deps.own().current, next: deps.own().next }),
    hasRoom: () => hasRoom(deps.own().ring ?? noRing, deps.now()),
    makeNext: async (before) => {
      const next = await makePair(deps.now());
      const { first, ring = noRing } = deps.own();
      const made = ownKeys(host, first, { ...ring, next });
      await before(made.next ?? '');
      await writeRing(folder, { ...ring, next }); // rule 2
      deps.use(made);
      return made.next ?? '';
    },
    rotate: async (fingerprint, ending) => {
      const before = deps.own();
      if (before.current === fingerprint) return;
      const { first, ring = noRing, signs } = before;
      if (ring.next === undefined || before.next !== fingerprint) throw new Error('another key is the next one');
      const since = ring.current?.since ?? first.since;
      const from = { ...publicMembers(signs), since };
      const after = rotated(ring, ring.next, { ...ending, signs: from, now: deps.now() });
      deps.use(ownKeys(host, first, after)); // rule 1
      await writeRing(folder, after).catch((error: unknown) => {
        deps.use(before);
        throw error;
      });
    },
    publish: async () => {
      await publish(folder, printOwn(deps.own(), deps.now()), true);
      return publicPath(folder);
    },
  };
}

/** The public keys of this host, for its peers. */
export function printOwn({ shown, ring }: Own, now: number): string {
  return printPublicKeys(shown, ring !== undefined, now);
}

/** @param inUse the state of a signing key that has no end */
export function shownKeys(
  host: string,
  { journal, signing }: HostKeys,
  now: number,
  inUse: (fingerprint: string) => ShownKey['state'],
): readonly ShownKey[] {
  return [
    { host, fingerprint: fingerprintOf(journal), use: 'journal', state: 'current' },
    ...[...signing].map(([fingerprint, { since, until }]): ShownKey => {
      const state = until === undefined ? inUse(fingerprint) : until > now ? 'retired' : 'ended';
      const times = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
      return { host, fingerprint, use: 'signing', state, ...times };
    }),
  ];
}
