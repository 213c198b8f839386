// When the keeper restarts, a gate that waits for the answer to a request connects to the next keeper, so that its person can wait on.
//
// 1. It comes like a new visit: the same client claims, and the keeper makes every check again. It only adds the id of the request, for
//    which nothing new is then asked (keeper/visit/returning.ts). Attack: coming back with more rights than before.
// 2. It tries for two minutes at most, and a key leaves (law 1). Accident: a gate that waits for ever.
import type { Hello, ToGate } from '../wire/messages.ts';
import { greet, type Visit } from './greet.ts';
import { keeperRestarts } from '../core/messages/gate.ts';

const retryMs = 500;
/** Two minutes. */
const tries = 240;

type Pause = (ms: number) => Promise<unknown>;
const delay: Pause = async (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Connects to the next keeper.
 * @returns its first message; undefined when this visit waits for no answer, the person leaves, or no keeper comes in time.
 */
export async function comeBack(visit: Visit, hello: Hello, pause: Pause = delay): Promise<ToGate | undefined> {
  const { waits } = visit;
  if (waits === undefined) return undefined;
  const left = new AbortController();
  visit.screen.wait(keeperRestarts, undefined);
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
