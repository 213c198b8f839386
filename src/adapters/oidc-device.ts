// One device login (RFC 8628): the code that a person types, and the wait for what they do with it.
//
// 1. A code lives `codeSeconds` at most, whatever the provider says (docs/design.md, "Requests and reviews"). Attack: a code that is sent to
//    somebody else, to be typed much later (RFC 8628 section 5.4).
// 2. Link and code come over the network and end on a terminal: a link is parsed, short and printable or refused, a code
//    is filtered (law 9).
// 3. The device code itself stays in this closure (law 11).
import {
  type Configuration,
  type DeviceAuthorizationResponse,
  initiateDeviceAuthorization,
  pollDeviceAuthorizationGrant,
} from 'openid-client';
import { holdsUnseen, sanitizeLine } from '../core/text.ts';
import { pollFault, refused } from './oidc-fault.ts';
import type { Tokens } from './oidc-token.ts';
import { Unreachable, unlessAborted } from './oidc-transport.ts';

const codeSeconds = 300;
const codeLength = 64;
const linkLength = 1024;
const longestBackoffSeconds = 30;
const defaultIntervalSeconds = 5; // RFC 8628 section 3.2

export interface DeviceCode {
  readonly uri: string;
  readonly uriComplete: string | undefined;
  /** The user code, as the person types it. */
  readonly code: string;
  /** Instant, milliseconds. */
  readonly expiresAt: number;
  readonly redeem: (signal: AbortSignal) => Promise<Tokens>;
}

/** @throws Refused PROVIDER_DOWN when link or code are not fit to be shown; errors of openid-client. */
export async function askForCode(
  configuration: Configuration,
  scope: string,
  now: () => number,
  signal: AbortSignal,
): Promise<DeviceCode> {
  const device = await unlessAborted(initiateDeviceAuthorization(configuration, { scope }), signal);
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

function shownLink(text: string): string {
  const url = text.length <= linkLength && !holdsUnseen(text) && URL.canParse(text) ? new URL(text) : undefined;
  const fit =
    url !== undefined && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '';
  if (!fit || url.href.length > linkLength)
    throw refused('PROVIDER_DOWN', 'the verification link is not fit to be shown');
  return url.href;
}

interface Exchange {
  readonly configuration: Configuration;
  readonly device: DeviceAuthorizationResponse;
  readonly expiresAt: number;
  readonly now: () => number;
}

/** openid-client gives up at the first poll without an answer; a person at the provider's page is worth more patience. */
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

/** Elsewhere (the provider's keys) the code has been spent by then: another poll would only say that it is unknown. */
function isTokenEndpoint(configuration: Configuration, { url }: Unreachable): boolean {
  return configuration.serverMetadata().token_endpoint?.startsWith(url) === true;
}

function codeOver(): Error {
  return refused('SIGN_IN_EXPIRED', 'the device code is over');
}

/** Polling intervals that double with each poll that got no answer (RFC 8628 section 3.5). */
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

  /** Whether the latest poll that can have ended was one without an answer. */
  isOn(at: number): boolean {
    return this.last !== undefined && at - this.#at <= this.seconds * 1000;
  }
}
