// Who watches a board, and what all of them are shown a part of.
//
// 1. Nothing is read while nobody watches. While somebody does, it is read once for all of them: when something happened, a few times a
//    second at most, and every few seconds for what raises no event (a request that ran out, a Redis that is back).
// 2. A bounded number of boards, and of them a few for each login. Attack: one login makes the keeper read and send without end.
// 3. What cannot be read is shown as that, never as nothing and never as it was before.
import type { LiveGrant } from '../core/grant.ts';
import { Refused } from '../core/refusal.ts';
import { second } from '../core/time.ts';
import type { House } from './house.ts';
import type { ReadRequest } from './read-request.ts';
import { readRequests } from './verbs/visible.ts';
import { readGrants } from './visit/grant.ts';

export interface Scene {
  readonly requests: readonly ReadRequest[] | Refused;
  readonly grants: readonly LiveGrant[] | Refused;
}

export interface Seat {
  scene(): Scene;
  leave(): void;
}

export interface Watchers {
  /** Something happened that a board shows. */
  stir(): void;
  /** @param changed called whenever the scene is a new one. @throws Refused BUSY */
  sit(login: string, changed: () => void): Promise<Seat>;
}

const most = 64;
const mostEach = 8;
const gapMs = second / 4;
const refreshMs = 4 * second;

export function openWatchers(house: () => House): Watchers {
  const seats = new Set<{ readonly login: string; readonly changed: () => void }>();
  let scene: Scene = { requests: [], grants: [] };
  let soon: NodeJS.Timeout | undefined;
  let refresh: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> =>
    house().oneByOne('board', async () => {
      soon = undefined;
      scene = await sceneOf(house());
      tellInTurns([...seats]);
    });
  // Rule 1.
  const stir = (): void => {
    if (seats.size > 0) soon ??= setTimeout(() => void look(), gapMs);
  };
  return {
    stir,
    sit: async (login, changed) => {
      const theirs = [...seats].filter((seat) => seat.login === login).length;
      // Rule 2.
      if (seats.size >= most || theirs >= mostEach) throw new Refused('BUSY', { host: house().host });
      const seat = { login, changed };
      seats.add(seat);
      refresh ??= setInterval(stir, refreshMs);
      await look();
      return {
        scene: () => scene,
        leave: () => {
          seats.delete(seat);
          if (seats.size > 0) return;
          clearInterval(refresh);
          refresh = undefined;
        },
      };
    },
  };
}

const atATime = 2;

/** A few frames each turn of the loop, however many watch (design law 12). */
function tellInTurns(seats: readonly { readonly changed: () => void }[]): void {
  for (const { changed } of seats.slice(0, atATime)) changed();
  if (seats.length > atATime) setImmediate(() => tellInTurns(seats.slice(atATime)));
}

async function sceneOf(house: House): Promise<Scene> {
  const [requests, grants] = await Promise.all([
    readRequests(house).catch(asRefused),
    readGrants(house, { host: house.host }).catch(asRefused),
  ]);
  return { requests, grants };
}

/** Rule 3. */
function asRefused(error: unknown): Refused {
  return error instanceof Refused ? error : new Refused('INTERNAL', {}, error);
}
