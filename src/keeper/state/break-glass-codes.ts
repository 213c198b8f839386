// The break-glass codes of this host: kept as scrypt hashes in root's own state, used up before they open anything.
//
// 1. One file holds codes, the use that waits for a review, and what codes opened, and every change of it is made in turn, from what
//    it is at that moment, and on disk before anybody sees it. Attack or accident: a copy kept while a hash is computed is written
//    back, and a used or voided code opens again.
// 2. A code is used up, and its use waits for a review, by one write before anything is opened (law 7): no crash makes a code good
//    again, and none lets somebody in whose use nobody will look at.
// 3. One hash a try, and one try of a login at a time: the code names its own (core/break-glass.ts, rule 1), so that a try costs
//    the same whatever is issued.
// 4. A use that nobody has looked at blocks the next; who looks at one has looked at that one alone.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { readState, writeState } from '../../adapters/state-file.ts';
import {
  codeBytes,
  finished,
  glassShape,
  mostCodes,
  noGlass,
  pausedUntil,
  readCode,
  stateOf,
  withGrant,
  withReviewed,
  withRoom,
  withUse,
  withVoided,
  withWrong,
  writeCode,
  type Code,
  type Glass,
  type Use,
} from '../../core/break-glass.ts';
import { grantShape, type Grant } from '../../core/grant.ts';
import { spell } from '../../core/ids.ts';
import { Refused } from '../../core/refusal.ts';
import { list } from '../../core/shape.ts';
import { openKeyedMutex } from '../concurrency/keyed-mutex.ts';

/** A code that fits, or why none was tried or did. */
export type Tried = { readonly code: string } | { readonly problem: 'wrong' } | { readonly pausedUntil: number };

export interface BreakGlass {
  all(): readonly Code[];
  unreviewed(): Use | undefined;
  /** Live grants that codes opened: they are on no board. */
  grants(): readonly Grant[];
  /** New codes, in the only form in which anybody ever sees them. @throws Refused BAD_COMMAND when there is no room */
  issue(count: number): Promise<readonly string[]>;
  /** @returns how many were voided. */
  void(id: string | undefined): Promise<number>;
  /** Rule 3. Looks whether a code fits; it is good until `begin`. */
  try(typed: string, login: string): Promise<Tried>;
  /** Rule 2. @returns false when the code opens nothing any more. */
  begin(use: Omit<Use, 'unfinished'>): Promise<boolean>;
  /** What came of the use; without a grant nobody was let in. */
  finish(grant?: Grant): Promise<void>;
  /** Rule 4. @param grant of the use that was looked at. @returns false when that one does not wait (any more). */
  review(grant: string): Promise<boolean>;
}

export type Derive = (secret: string, salt: Buffer, length: number) => Promise<Buffer>;

const hashLength = 32;

/** @param derive scrypt(7), or what a test puts in its place. @throws Error when the file cannot be understood */
export async function openBreakGlass(
  path: string,
  now: () => number,
  derive: Derive = promisify<string, Buffer, number, Buffer>(scrypt),
): Promise<BreakGlass> {
  let glass = await readGlass(path);
  const mutex = openKeyedMutex();
  const wrong = new Map<string, readonly number[]>();
  /** Rule 1. @returns whether there was a change. */
  const change = async (next: () => Glass | undefined): Promise<boolean> =>
    mutex.take('file', async () => {
      const changed = next();
      if (changed === undefined) return false;
      await writeState(path, changed, true, glassShape);
      glass = changed;
      return true;
    });
  return {
    all: () => glass.codes,
    unreviewed: () => glass.unreviewed,
    grants: () => (glass.grants ?? []).filter(({ end }) => end > now()),
    issue: async (count) => {
      for (;;) {
        const made = await Promise.all(Array.from({ length: count }, async () => makeCode(derive, now())));
        if (await change(() => withCodes(glass, made))) return made.map(({ shown }) => shown);
      }
    },
    void: async (id) => {
      let count = 0;
      await change(() => {
        const voided = withVoided(glass, id);
        count = voided.count;
        return voided.glass;
      });
      return count;
    },
    try: async (typed, login) =>
      mutex.take(`login ${login}`, async () => {
        const paused = pausedUntil(wrong.get(login) ?? [], now());
        if (paused !== undefined) return { pausedUntil: paused };
        const id = await matching(derive, glass.codes, typed);
        const code = glass.codes.find((one) => one.id === id);
        if (code !== undefined && stateOf(code) === 'open') return { code: code.id };
        wrong.set(login, withWrong(wrong.get(login) ?? [], now()));
        return { problem: 'wrong' };
      }),
    begin: async (use) => change(() => withUse(glass, { ...use, unfinished: true })),
    finish: async (grant) => {
      await change(() => (grant === undefined ? finished(glass) : withGrant(glass, grant, now())));
    },
    review: async (grant) => change(() => withReviewed(glass, grant)),
  };
}

/** Grants had a file of their own once. */
async function readGlass(path: string): Promise<Glass> {
  const glass = (await readState(path, glassShape)) ?? noGlass;
  if (glass.grants !== undefined) return glass;
  const apart = await readState(`${path.replace(/\.json$/, '')}-grants.json`, list(grantShape, 100));
  return { ...glass, grants: apart ?? [] };
}

interface Made {
  readonly code: Code;
  readonly shown: string;
}

async function makeCode(derive: Derive, issuedAt: number): Promise<Made> {
  const id = spell(randomBytes(codeBytes.id));
  const secret = spell(randomBytes(codeBytes.secret));
  const salt = randomBytes(16);
  const hash = await derive(secret, salt, hashLength);
  return {
    code: { id, salt: salt.toString('hex'), hash: hash.toString('hex'), issuedAt },
    shown: writeCode(id, secret),
  };
}

/** @returns undefined when two codes have the same id, which happens with 20 bits. @throws Refused when there is no room */
function withCodes(glass: Glass, made: readonly Made[]): Glass | undefined {
  const room = withRoom(glass.codes, made.length);
  if (room === undefined) throw new Refused('BAD_COMMAND', { problem: `${mostCodes} codes are open; void some first` });
  const codes = [...room, ...made.map(({ code }) => code)];
  return new Set(codes.map(({ id }) => id)).size === codes.length ? { ...glass, codes } : undefined;
}

/** A code that is not there costs as much as one that is: nobody learns which ids exist. @returns the id of the one that fits. */
async function matching(derive: Derive, codes: readonly Code[], typed: string): Promise<string | undefined> {
  const read = readCode(typed);
  const code = codes.find(({ id }) => id === read?.id);
  const hash = await derive(read?.secret ?? '', Buffer.from(code?.salt ?? '00', 'hex'), hashLength);
  const wanted = Buffer.from(code?.hash ?? '00'.repeat(hashLength), 'hex');
  return timingSafeEqual(hash, wanted) && code !== undefined && read !== undefined ? code.id : undefined;
}
