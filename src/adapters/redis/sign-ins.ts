// Sign-ins in the store: signed by the host that wrote them, under the digest of the key's fingerprint.
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { ask, key, run, scanKeys, sized } from './commands.ts';
import { valueLimit } from './lua.ts';

/** Whose sign-in: the host that signed it, the login, and its key's fingerprint. */
export interface SignInKey {
  readonly host: string;
  readonly login: string;
  readonly fingerprint: string;
}

export interface SignInsPart {
  signIn(of: SignInKey): Promise<string | undefined>;
  /** @param until instant, milliseconds. */
  rememberSignIn(of: SignInKey, jws: string, until: number): Promise<void>;
  /** How many were forgotten. */
  forgetSignIns(host: string, login: string): Promise<number>;
}

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
