// Sign-ins in the store: each is signed by its host, and stored under the digest of the key's fingerprint.
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { chunks, isKeyOf, key, membersOf, run, sized } from './commands.ts';
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
  const indexKey = (host: string, login: string): string => key('sign-ins', host, login);
  return {
    signIn: async (of) => {
      const jws = await run(redis, 'signIn', [signInKey(of)]);
      return typeof jws === 'string' && jws.length <= valueLimit ? jws : undefined;
    },
    rememberSignIn: async (of, jws, until) => {
      await run(redis, 'rememberSignIn', [signInKey(of), indexKey(of.host, of.login)], sized(jws), until);
    },
    forgetSignIns: async (host, login) => {
      const index = indexKey(host, login);
      const found = await membersOf(redis, index, isKeyOf(`${key('sign-in', host, login)}:`, 1));
      let gone = 0;
      for (const some of chunks(found)) gone += Number(await run(redis, 'forgetSignIns', [index, ...some]));
      return gone;
    },
  };
}
