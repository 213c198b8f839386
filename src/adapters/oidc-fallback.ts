// A second way of asking a provider, for one that refuses the first. It is tried at once, and then used until the keeper ends.
import { AuthorizationResponseError, ResponseBodyError } from 'openid-client';

export interface Fallback {
  /** Whether the second way is used. */
  readonly isTaken: boolean;
  /** Notes the error of a request. @param wasTaken `isTaken` when it was sent. @returns whether the request is worth sending again */
  after(error: unknown, wasTaken: boolean): boolean;
}

/**
 * @param code the OAuth error (RFC 6749 section 5.2) that refuses the first way.
 * @param isPossible whether there is a second way for what was sent last.
 */
export function openFallback(code: string, isPossible: () => boolean): Fallback {
  let isTaken = false;
  return {
    get isTaken() {
      return isTaken;
    },
    after: (error, wasTaken) => {
      if (wasTaken || !isOAuth(error) || error.error !== code) return false;
      isTaken ||= isPossible();
      return isTaken;
    },
  };
}

/** An error of an endpoint, or of the address at which a browser ends (RFC 6749 sections 4.1.2.1 and 5.2). */
const isOAuth = (error: unknown): error is AuthorizationResponseError | ResponseBodyError =>
  error instanceof ResponseBodyError || error instanceof AuthorizationResponseError;

/** Sends a request until it is answered, or refused in every way. @throws the last error of `send` */
export async function withFallbacks<T>(fallbacks: readonly Fallback[], send: () => Promise<T>): Promise<T> {
  for (;;) {
    const taken = fallbacks.map(({ isTaken }) => isTaken);
    try {
      return await send();
    } catch (error) {
      if (!fallbacks.some((fallback, n) => fallback.after(error, taken[n] === true))) throw error;
    }
  }
}
