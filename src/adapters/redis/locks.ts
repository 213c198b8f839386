// The locks of a fleet in the store. A lock stays there until another takes its place; every host also keeps its own copy (law 5).
import { events, prefix } from './commands.ts';
import { valueLimit, type ScriptName } from './lua.ts';

/** The locks in the store. */
export interface LocksPart {
  /** Stores a lock under its target, and tells every host. @throws Refused REDIS_DOWN */
  lock(target: string, jws: string): Promise<void>;
  /** The JWS of each stored lock. @throws Refused REDIS_DOWN */
  locks(): Promise<readonly string[]>;
}

type Run = (name: ScriptName, keys: readonly string[], ...args: (string | number)[]) => Promise<unknown>;

const key = `${prefix}locks`;

/** The part of the store that keeps locks. */
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
