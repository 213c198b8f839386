// One device login (RFC 8628): the code that a person types, and the wait until they did.
//
// 1. A code lives `codeSeconds` at most, whatever the provider says (docs/design.md, "Requests and reviews"). Attack: a code is sent to
//    somebody else, who types it much later (RFC 8628 section 5.4).
// 2. Link and code come over the network and are shown on a terminal: a link is refused unless it parses, is short and printable; a code
//    is filtered (law 9).
// 3. The device code itself never leaves this closure (law 11).
import {
  type Configuration,
  type DeviceAuthorizationResponse,
  initiateDeviceAuthorization,
  pollDeviceAuthorizationGrant,
} from 'openid-client';
import { holdsUnseen, sanitizeLine } from '../core/text.ts';
import { deviceFault, pollFault, refused } from './oidc-fault.ts';
import type { Tokens } from './oidc-token.ts';
import { Unreachable, unlessAborted } from './oidc-transport.ts';

const codeSeconds = 300;
const codeLength = 64;
/** The longest link that is shown, in characters. */
const linkLength = 1024;
const longestBackoffSeconds = 30;
const defaultIntervalSeconds = 5; // RFC 8628 section 3.2

/** A device code, and what the person is shown of it. */
export interface DeviceCode {
  readonly uri: string;
  readonly uriComplete: string | undefined;
  /** The user code, which the person types. */
  readonly code: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly redeem: (signal: AbortSignal) => Promise<Tokens>;
}

/**
 * Asks the provider for a device code.
 * @throws Refused PROVIDER_DOWN when link or code cannot be shown safely; errors of openid-client; the signal's reason.
 */
export async function askForCode(
  configuration: Configuration,
  scope: string,
  now: () => number,
  signal: AbortSignal,
): Promise<DeviceCode> {
  const asked = initiateDeviceAuthorization(configuration, { scope }).catch((error: unknown) => {
    throw deviceFault(error);
  });
  const device = await unlessAborted(asked, signal);
  const expiresAt = now() + Math.min(device.expires_in, codeSeconds) * 1000;
  const complete = device.verification_uri_complete;
  return {
    uri: shownLink(device.verification_uri),
    uriComplete: complete === undefined ? undefined : shownLink(complete),
    code: sanitizeLine(device.user_code, codeLength),
    expiresAt,
    redeem: (stop) => redeem({ configuration, device, expiresAt, now }, stop),
  };
}

/** A link that may be shown (rule 2). @param max its longest length. @throws Refused PROVIDER_DOWN */
export function shownLink(text: string, max: number = linkLength): string {
  const url = text.length <= max && !holdsUnseen(text) && URL.canParse(text) ? new URL(text) : undefined;
  const fit =
    url !== undefined && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '';
  if (!fit || url.href.length > max) throw refused('PROVIDER_DOWN', 'the link of the sign-in is not fit to be shown');
  return url.href;
}

interface Exchange {
  readonly configuration: Configuration;
  readonly device: DeviceAuthorizationResponse;
  readonly expiresAt: number;
  readonly now: () => number;
}

/** Polls until the person has signed in. openid-client gives up at the first poll without an answer; here polling goes on. */
async function redeem({ configuration, device, expiresAt, now }: Exchange, signal: AbortSignal): Promise<Tokens> {
  const deadline = AbortSignal.timeout(Math.max(0, expiresAt - now()));
  const stop = AbortSignal.any([signal, deadline]);
  const backoff = new Backoff(device.interval ?? defaultIntervalSeconds);
  for (;;) {
    try {
      const polled = { ...device, interval: backoff.seconds };
      return await unlessAborted(
        pollDeviceAuthorizationGrant(configuration, polled, undefined, { signal: stop }),
        stop,
      );
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.aborted) throw backoff.isOn(now()) ? pollFault(backoff.last) : codeOver();
      if (!(error instanceof Unreachable) || !isTokenEndpoint(configuration, error)) throw pollFault(error);
      backoff.failed(error, now());
    }
  }
}

/**
 * Whether the failed request was a poll. If it was another one (for the provider's keys), the code is spent, and polling again is
 * useless.
 */
function isTokenEndpoint(configuration: Configuration, { url }: Unreachable): boolean {
  return configuration.serverMetadata().token_endpoint?.startsWith(url) === true;
}

function codeOver(): Error {
  return refused('SIGN_IN_EXPIRED', 'the device code is over');
}

/** The interval between polls; it doubles after each poll that got no answer (RFC 8628 section 3.5). */
class Backoff {
  seconds: number;
  last: Unreachable | undefined;
  #at = 0;

  constructor(seconds: number) {
    this.seconds = Math.max(1, seconds);
  }

  failed(error: Unreachable, at: number): void {
    this.last = error;
    this.#at = at;
    this.seconds = Math.max(this.seconds, Math.min(this.seconds * 2, longestBackoffSeconds));
  }

  /** Whether the last poll got no answer. */
  isOn(at: number): boolean {
    return this.last !== undefined && at - this.#at <= this.seconds * 1000;
  }
}
