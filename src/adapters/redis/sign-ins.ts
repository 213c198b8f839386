// Sign-ins in the store: each is signed by its host, and stored under the digest of the key's fingerprint.
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { ask, key, run, scanKeys, sized } from './commands.ts';
import { valueLimit } from './lua.ts';

/** Whose sign-in it is: the host that signed it, the login, and the fingerprint of its ssh key. */
export interface SignInKey {
  readonly host: string;
  readonly login: string;
  readonly fingerprint: string;
}

/** The sign-ins in the store. */
export interface SignInsPart {
  /** The JWS of a sign-in; undefined when there is none. @throws Refused REDIS_DOWN */
  signIn(of: SignInKey): Promise<string | undefined>;
  /** Stores a sign-in. @param until when it expires: milliseconds since the epoch. @throws Refused REDIS_DOWN, INTERNAL */
  rememberSignIn(of: SignInKey, jws: string, until: number): Promise<void>;
  /** Removes the sign-ins of a login. @returns how many. @throws Refused REDIS_DOWN */
  forgetSignIns(host: string, login: string): Promise<number>;
}

/** The part of the store that keeps sign-ins. */
export function signInsOf(redis: Redis): SignInsPart {
  const signInKey = ({ host, login, fingerprint }: SignInKey): string =>
    key('sign-in', host, login, createHash('sha256').update(fingerprint).digest('base64url'));
  return {
    signIn: async (of) => {
      const jws = await run(redis, 'signIn', [signInKey(of)]);
      return typeof jws === 'string' && jws.length <= valueLimit ? jws : undefined;
    },
    rememberSignIn: async (of, jws, until) => {
      await ask(redis, redis.set(signInKey(of), sized(jws), 'PXAT', until));
    },
    forgetSignIns: async (host, login) => {
      const found = await scanKeys(redis, `${key('sign-in', host, login)}:*`);
      return found.length === 0 ? 0 : await ask(redis, redis.del(...found));
    },
  };
}
