// The break-glass codes of this host: kept as scrypt hashes in a file that only root reads, and used up before they open anything.
//
// 1. One file holds the codes, the use that waits for a review, and the grants that codes opened. Its changes run one after another, each
//    from the state of that moment, and each is on disk before anybody sees it. Attack or accident: a copy that was read before a hash was
//    computed is written back, and a used or voided code is good again.
// 2. One write uses up the code and notes that its use waits for a review, before anything is opened (law 7). Accident: a crash makes a
//    code good again, or lets somebody in without a review afterwards.
// 3. A try costs one hash, and each login makes one try at a time. The code names its own hash (core/break-glass.ts, rule 1), so a try
//    costs the same however many codes are issued. Attack: a login keeps the host busy with wrong codes (law 12).
// 4. A use without a review blocks the next use; a review counts for the one use that was reviewed. Attack: codes are used one after
//    another and nobody notices.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { readState, writeState } from '../../adapters/state-file.ts';
import {
  codeBytes,
  finished,
  breakGlassShape,
  mostCodes,
  noBreakGlass,
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
  type BreakGlassState,
  type Use,
} from '../../core/break-glass.ts';
import { grantShape, type Grant } from '../../core/grant.ts';
import { spell } from '../../core/ids.ts';
import { Refused } from '../../core/refusal.ts';
import { list } from '../../core/shape.ts';
import { codeProblems } from '../../core/messages/break-glass.ts';
import { openKeyedMutex } from '../concurrency/keyed-mutex.ts';

/** The id of the code that fits, or why none does: it is wrong, or this login is paused until an instant (ms). */
export type Tried = { readonly code: string } | { readonly problem: 'wrong' } | { readonly pausedUntil: number };

/** The codes of this host, their uses and their grants. */
export interface BreakGlass {
  /** All codes that are still on file, also used and voided ones. */
  all(): readonly Code[];
  /** The use that waits for a review (rule 4). */
  unreviewed(): Use | undefined;
  /** Live grants that codes opened; they are never in the store. */
  grants(): readonly Grant[];
  /** New codes. This is the only time that they exist as text. @throws Refused BAD_COMMAND when too many codes are open */
  issue(count: number): Promise<readonly string[]>;
  /** @param id of one code; undefined voids all open ones. @returns how many were voided. */
  void(id: string | undefined): Promise<number>;
  /** Whether a code fits (rule 3). It is not used up before `begin`. A wrong code counts towards the pause of this login. */
  try(typed: string, login: string): Promise<Tried>;
  /** Uses up the code (rule 2). @returns false when the code is not open any more, or another use waits for its review. */
  begin(use: Omit<Use, 'unfinished'>): Promise<boolean>;
  /** Notes the outcome of the use. @param grant undefined when nobody was let in. */
  finish(grant?: Grant): Promise<void>;
  /**
   * Ends the wait of a use for its review (rule 4).
   * @param grant of the use that was reviewed.
   * @returns false when that use does not wait for one.
   */
  review(grant: string): Promise<boolean>;
}

/** Computes the hash of a code's secret: `length` bytes. */
export type Derive = (secret: string, salt: Buffer, length: number) => Promise<Buffer>;

const hashLength = 32;

/** Reads the codes from `path`. @param derive scrypt, or a test's replacement. @throws Error when the file cannot be understood */
export async function openBreakGlass(
  path: string,
  now: () => number,
  derive: Derive = promisify<string, Buffer, number, Buffer>(scrypt),
): Promise<BreakGlass> {
  let state = await readBreakGlass(path);
  const mutex = openKeyedMutex();
  const wrong = new Map<string, readonly number[]>();
  /** Makes one change of the file, after those before it (rule 1). @returns whether there was a change. */
  const change = async (next: () => BreakGlassState | undefined): Promise<boolean> =>
    mutex.take('file', async () => {
      const changed = next();
      if (changed === undefined) return false;
      await writeState(path, changed, true, breakGlassShape);
      state = changed;
      return true;
    });
  return {
    all: () => state.codes,
    unreviewed: () => state.unreviewed,
    grants: () => (state.grants ?? []).filter(({ end }) => end > now()),
    issue: async (count) => {
      for (;;) {
        const made = await Promise.all(Array.from({ length: count }, async () => makeCode(derive, now())));
        if (await change(() => withCodes(state, made))) return made.map(({ shown }) => shown);
      }
    },
    void: async (id) => {
      let count = 0;
      await change(() => {
        const voided = withVoided(state, id);
        count = voided.count;
        return voided.state;
      });
      return count;
    },
    try: async (typed, login) =>
      mutex.take(`login ${login}`, async () => {
        const paused = pausedUntil(wrong.get(login) ?? [], now());
        if (paused !== undefined) return { pausedUntil: paused };
        const id = await matching(derive, state.codes, typed);
        const code = state.codes.find((one) => one.id === id);
        if (code !== undefined && stateOf(code) === 'open') return { code: code.id };
        wrong.set(login, withWrong(wrong.get(login) ?? [], now()));
        return { problem: 'wrong' };
      }),
    begin: async (use) => change(() => withUse(state, { ...use, unfinished: true })),
    finish: async (grant) => {
      await change(() => (grant === undefined ? finished(state) : withGrant(state, grant, now())));
    },
    review: async (grant) => change(() => withReviewed(state, grant)),
  };
}

/** An earlier version kept the grants in a file of their own. */
async function readBreakGlass(path: string): Promise<BreakGlassState> {
  const state = (await readState(path, breakGlassShape)) ?? noBreakGlass;
  if (state.grants !== undefined) return state;
  const apart = await readState(`${path.replace(/\.json$/, '')}-grants.json`, list(grantShape, 100));
  return { ...state, grants: apart ?? [] };
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

/** @returns undefined when two codes have the same id, which can happen with 20 bits. @throws Refused BAD_COMMAND when there is no room */
function withCodes(state: BreakGlassState, made: readonly Made[]): BreakGlassState | undefined {
  const room = withRoom(state.codes, made.length);
  if (room === undefined) throw new Refused('BAD_COMMAND', { problem: codeProblems.full(mostCodes) });
  const codes = [...room, ...made.map(({ code }) => code)];
  return new Set(codes.map(({ id }) => id)).size === codes.length ? { ...state, codes } : undefined;
}

/** The id of the code that fits. An unknown id costs as much time as a known one, so nobody learns which ids exist. */
async function matching(derive: Derive, codes: readonly Code[], typed: string): Promise<string | undefined> {
  const read = readCode(typed);
  const code = codes.find(({ id }) => id === read?.id);
  const hash = await derive(read?.secret ?? '', Buffer.from(code?.salt ?? '00', 'hex'), hashLength);
  const wanted = Buffer.from(code?.hash ?? '00'.repeat(hashLength), 'hex');
  return timingSafeEqual(hash, wanted) && code !== undefined && read !== undefined ? code.id : undefined;
}
