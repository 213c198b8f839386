// The locks of a fleet on the board: shown until another takes their place, kept by every host for itself (law 5).
import { valueLimit, type ScriptName } from './lua.ts';

export interface LocksPart {
  /** Shows a lock to every host, and tells them. */
  lock(target: string, jws: string): Promise<void>;
  /** The JWS of each lock that is shown. */
  locks(): Promise<readonly string[]>;
}

type Run = (name: ScriptName, keys: readonly string[], ...args: (string | number)[]) => Promise<unknown>;

const key = 'tmux-gate:locks';
const events = 'tmux-gate:events';

export function locksOf(run: Run, sized: (jws: string) => string): LocksPart {
  return {
    lock: async (target, jws) => {
      await run('lock', [key, events], target, sized(jws));
    },
    locks: async () => {
      const reply: unknown = await run('locks', [key]);
      const isText = (jws: unknown): jws is string => typeof jws === 'string' && jws.length <= valueLimit;
      return Array.isArray(reply) ? reply.filter(isText) : [];
    },
  };
}
