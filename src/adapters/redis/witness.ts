// What hosts of a fleet leave for each other in the store as witnesses of their journals: asks and answers, each signed by its host.
import { key, sized } from './commands.ts';
import type { ScriptName } from './lua.ts';
import { readLetters, type Letter } from './replies.ts';

export type Box = 'asks' | 'answers';

/** The boxes of the hosts. A newer text of the same sender takes the place of the older one. */
export interface WitnessPart {
  /** @throws Refused REDIS_DOWN */
  leave(box: Box, to: string, letter: Letter): Promise<void>;
  /** @throws Refused REDIS_DOWN */
  letters(box: Box, to: string): Promise<readonly Letter[]>;
}

type Run = (name: ScriptName, keys: readonly string[], ...args: (string | number)[]) => Promise<unknown>;

/** The part of the store that has the boxes. */
export function witnessOf(run: Run): WitnessPart {
  return {
    leave: async (box, to, { from, jws }) => {
      key(from);
      await run('leave', [key('witness', box, to)], from, sized(jws));
    },
    letters: async (box, to) => readLetters(await run('letters', [key('witness', box, to)])),
  };
}
