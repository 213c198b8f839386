// The break-glass codes of this host: kept as scrypt hashes in root's own state, used up before they open anything.
//
// 1. What is used is on disk as used, and in the journal, before it takes effect (law 7): no crash makes a code good again.
// 2. One hash a try: the code names its own (core/break-glass.ts, rule 1), so a try costs the same whatever is issued.
// 3. A use that nobody has looked at blocks the next.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { readState, writeState } from '../adapters/state-file.ts';
import {
  codeBytes,
  glassShape,
  mostCodes,
  noGlass,
  pausedUntil,
  readCode,
  stateOf,
  withRoom,
  withWrong,
  writeCode,
  type Code,
  type Glass,
} from '../core/break-glass.ts';
import { grantShape, type Grant } from '../core/grant.ts';
import { spell } from '../core/ids.ts';
import { Refused } from '../core/refusal.ts';
import { list } from '../core/shape.ts';

export type Tried = { readonly code: string } | { readonly problem: 'wrong' } | { readonly pausedUntil: number };

export interface BreakGlass {
  all(): readonly Code[];
  unreviewed(): Glass['unreviewed'];
  /** Live grants that codes opened: they are on no board. */
  grants(): readonly Grant[];
  /** New codes, in the only form in which anybody ever sees them. */
  issue(count: number): Promise<readonly string[]>;
  /** @returns how many were voided. */
  void(id: string | undefined): Promise<number>;
  /** Rule 2. Uses the code up when it is right. */
  use(typed: string, login: string): Promise<Tried>;
  /** Rule 3. */
  opened(code: string, grant: Grant): Promise<void>;
  review(): Promise<void>;
}

const derive = promisify(scrypt) as (secret: string, salt: Buffer, length: number) => Promise<Buffer>;
const hashLength = 32;
const grantsShape = list(grantShape, 100);

export async function openBreakGlass(path: string, now: () => number): Promise<BreakGlass> {
  let glass = (await readState(path, glassShape)) ?? noGlass;
  const grantsPath = `${path.replace(/\.json$/, '')}-grants.json`;
  let grants = ((await readState(grantsPath, grantsShape)) ?? []).filter(({ end }) => end > now());
  const keep = async (next: Glass): Promise<void> => {
    glass = next;
    await writeState(path, next, true, glassShape);
  };
  return {
    all: () => glass.codes,
    unreviewed: () => glass.unreviewed,
    grants: () => grants.filter(({ end }) => end > now()),
    issue: async (count) => {
      const room = withRoom(glass.codes, count);
      if (room === undefined)
        throw new Refused('BAD_COMMAND', { problem: `${mostCodes} codes are open; void some first` });
      const made = await Promise.all(Array.from({ length: count }, async () => makeCode(glass.codes, now())));
      await keep({ ...glass, codes: [...room, ...made.map(({ code }) => code)] });
      return made.map(({ shown }) => shown);
    },
    void: async (id) => {
      const named = glass.codes.filter((code) => stateOf(code) === 'open' && (id === undefined || code.id === id));
      await keep({
        ...glass,
        codes: glass.codes.map((code) => (named.includes(code) ? { ...code, voided: true } : code)),
      });
      return named.length;
    },
    use: async (typed, login) => {
      const paused = pausedUntil(glass, now());
      if (paused !== undefined) return { pausedUntil: paused };
      const code = await matching(glass.codes, typed);
      if (code === undefined) {
        await keep(withWrong(glass, now()));
        return { problem: 'wrong' };
      }
      const used = { ...code, usedAt: now(), usedBy: login };
      await keep({ ...glass, codes: glass.codes.map((one) => (one.id === code.id ? used : one)) });
      return { code: code.id };
    },
    opened: async (code, grant) => {
      grants = [...grants.filter(({ end }) => end > now()), grant];
      await writeState(grantsPath, grants, true, grantsShape);
      const { id, session, who, start: at } = grant;
      await keep({ ...glass, unreviewed: { code, login: who.login, session, grant: id, at } });
    },
    review: async () => {
      const { codes, wrong } = glass;
      await keep({ codes, wrong });
    },
  };
}

async function makeCode(known: readonly Code[], issuedAt: number): Promise<{ code: Code; shown: string }> {
  const id = spell(randomBytes(codeBytes.id));
  if (known.some((one) => one.id === id)) return makeCode(known, issuedAt);
  const secret = spell(randomBytes(codeBytes.secret));
  const salt = randomBytes(16);
  const hash = await derive(secret, salt, hashLength);
  return {
    code: { id, salt: salt.toString('hex'), hash: hash.toString('hex'), issuedAt },
    shown: writeCode(id, secret),
  };
}

/** A code that is not there costs as much as one that is: nobody learns which ids exist. */
async function matching(codes: readonly Code[], typed: string): Promise<Code | undefined> {
  const read = readCode(typed);
  const code = codes.find(({ id }) => id === read?.id);
  const hash = await derive(read?.secret ?? '', Buffer.from(code?.salt ?? '00', 'hex'), hashLength);
  const wanted = Buffer.from(code?.hash ?? '00'.repeat(hashLength), 'hex');
  const same = timingSafeEqual(hash, wanted) && code !== undefined && read !== undefined;
  return same && stateOf(code) === 'open' ? code : undefined;
}
