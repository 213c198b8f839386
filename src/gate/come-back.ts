// A keeper that restarts throws nobody out who waits for an answer: the gate knocks at the next one.
//
// 1. It comes as whoever knocks for the first time: same testimony, same proofs, every check again. All that it adds is which request
//    it waited for, and that can only take away: for it nothing is asked anew (keeper/visit/returning.ts).
// 2. It knocks for so long and no longer, and a key leaves (law 1).
import type { Hello, ToGate } from '../wire/messages.ts';
import { greet, type Visit } from './greet.ts';

const retryMs = 500;
/** Two minutes. */
const tries = 240;

type Pause = (ms: number) => Promise<unknown>;
const delay: Pause = async (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @returns the next keeper's first word; undefined where nobody waits, or none comes. */
export async function comeBack(visit: Visit, hello: Hello, pause: Pause = delay): Promise<ToGate | undefined> {
  const { waits } = visit;
  if (waits === undefined) return undefined;
  const left = new AbortController();
  visit.screen.wait('The keeper restarts', undefined);
  visit.keyboard.listen(() => left.abort());
  for (let tried = 0; tried < tries; tried++) {
    await pause(retryMs);
    if (left.signal.aborted) return undefined;
    const line = await visit.redial().catch(() => undefined);
    if (line === undefined) continue;
    visit.channel = line;
    return greet(visit, { ...hello, waits });
  }
  return undefined;
}
