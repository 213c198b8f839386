// The identity provider (law 2; docs/design.md, "Sign-in"): sign-ins by the device flow and by the code flow, and re-checks, by
// openid-client.
//
// 1. Every ID token's signature is verified (oidc-configuration.ts). Attack: a forged token.
// 2. Whatever the provider or the network does wrong ends in a refusal, never in an identity (law 1).
// 3. No error holds a token, code or secret (law 11; oidc-fault.ts).
import { type Configuration, ResponseBodyError, refreshTokenGrant } from 'openid-client';
import type { ClaimNames, GroupList, Identity, Vouched } from '../core/identity.ts';
import { Refused } from '../core/refusal.ts';
import { openMetadata, type ClientOptions, type Metadata } from './oidc-configuration.ts';
import { askByLink, checkFresh, type CodeAsked } from './oidc-code.ts';
import { askForCode, type DeviceCode } from './oidc-device.ts';
import { withFallbacks } from './oidc-fallback.ts';
import { describe, isTokenFault, providerDown } from './oidc-fault.ts';
import { checkCodePage } from './oidc-page.ts';
import { type Expected, type Tokens, type Used, identityFrom, openUsed, vouchedFrom } from './oidc-token.ts';
import { unlessAborted, Unreachable } from './oidc-transport.ts';

/** How a provider is asked, and which claims are read. */
export interface ProviderOptions extends ClientOptions {
  readonly claims: ClaimNames;
  /** Claims, each with the value that it must have. */
  readonly required?: Readonly<Record<string, string>>;
  /** Reads the list of groups that takes the place of the groups claim. @throws Refused GROUPS_FILE */
  readonly groupList?: () => Promise<GroupList>;
  /** Whether a mail address counts when the provider does not say whether it is verified. */
  readonly unstatedEmail: boolean;
  /** The clock: milliseconds since the epoch. */
  readonly now: () => number;
  /** Is told the claims of each ID token that was verified. */
  readonly seen?: (claims: Readonly<Record<string, unknown>>) => void;
}

/** The result of a completed device login. */
export interface SignedIn {
  readonly identity: Identity;
  readonly refreshToken?: string;
}

/** A device login that waits for its person (RFC 8628). */
export interface DeviceLogin {
  /** Where the person types the code: one printable line, http(s). */
  readonly uri: string;
  /** The same link with the code in it, where the provider offers one (RFC 8628 section 3.3.1). */
  readonly uriComplete: string | undefined;
  /** What the person types: one printable line. */
  readonly code: string;
  /** Milliseconds since the epoch; at most 5 minutes after the beginning. */
  readonly expiresAt: number;
  /**
   * Waits until the person has signed in. Call it once.
   * @throws Refused SIGN_IN_DENIED, SIGN_IN_EXPIRED, TOKEN_REFUSED, GROUPS_OVERAGE, PROVIDER_DOWN; the signal's reason when it aborts.
   */
  complete(signal: AbortSignal): Promise<SignedIn>;
}

/** A sign-in by the authorization code flow that waits for the address at which its person's browser ends (RFC 6749 section 4.1). */
export interface CodeLogin {
  /** Where the person signs in: one printable line, http(s). */
  readonly link: string;
  /** The value that the address has to have as `state`. */
  readonly state: string;
  /** Milliseconds since the epoch; at most 5 minutes after the beginning. */
  readonly expiresAt: number;
  /**
   * Redeems the code of an address. Call it once.
   * @param answer the parameters of the address.
   * @throws Refused ADDRESS_USED, ADDRESS_UNKNOWN, SIGN_IN_EXPIRED, PROVIDER_MIXED_UP, SIGN_IN_DENIED, NO_CODE_FLOW, CODE_REFUSED,
   * SIGN_IN_STALE, TOKEN_REFUSED, GROUPS_OVERAGE, PROVIDER_DOWN; the signal's reason when it aborts.
   */
  complete(answer: URLSearchParams, signal: AbortSignal): Promise<SignedIn>;
}

/** What the provider says about a sign-in that was remembered. */
export type Recheck =
  | {
      readonly state: 'alive';
      /** Replaces the refresh token that was sent: providers rotate them (RFC 9700 section 4.14). */
      readonly refreshToken: string;
      /** From the new ID token, where the provider sent one. The caller compares issuer and subject with the known ones. */
      readonly identity?: Vouched;
    }
  /**
   * `gone`: the provider ended the sign-in, or sent a token that cannot be trusted. `refused`: it does not know the refresh token, which
   * also happens after a refresh whose answer was lost (RFC 9700 section 4.14.2).
   */
  | { readonly state: 'gone' | 'refused'; readonly problem: string }
  /** No usable answer. `isLost`: the provider may have answered, and replaced the refresh token by one that never arrived. */
  | { readonly state: 'unknown'; readonly problem: string; readonly isLost: boolean };

/** An identity provider, asked by one client. */
export interface Provider {
  /** Begins a device login. @throws Refused PROVIDER_DOWN, NO_DEVICE_FLOW; the signal's reason when it aborts. */
  begin(signal: AbortSignal): Promise<DeviceLogin>;
  /** Begins a sign-in by the authorization code flow. @throws Refused PROVIDER_DOWN, NO_CODE_FLOW; the signal's reason when it aborts. */
  beginByLink(asked: CodeAsked, signal: AbortSignal): Promise<CodeLogin>;
  /** Asks whether a sign-in still holds (RFC 6749 section 6). @throws only the signal's reason when it aborts. */
  recheck(refreshToken: string, signal: AbortSignal): Promise<Recheck>;
  /** Fetches the provider's metadata, to see whether it answers. @throws Refused PROVIDER_DOWN; the signal's reason when it aborts. */
  ping(signal: AbortSignal): Promise<void>;
}

/** A provider, by one of its clients. Nothing is sent before the first call. */
export function openProvider(options: ProviderOptions): Provider {
  const metadata = openMetadata(options);
  const used = openUsed();
  return {
    begin: (signal) => begin({ options, metadata, used }, signal),
    beginByLink: (asked, signal) => beginByLink({ options, metadata, used }, asked, signal),
    recheck: (refreshToken, signal) => recheck(options, metadata, refreshToken, signal),
    ping: (signal) => orProviderDown(metadata.discover(), signal).then(() => undefined),
  };
}

async function orProviderDown<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await unlessAborted(work, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw providerDown(error);
  }
}

/** What a provider connection is made of. */
interface Parts {
  readonly options: ProviderOptions;
  readonly metadata: Metadata;
  readonly used: Used;
}

/** Where there is nothing at the device endpoint, it may have moved since the metadata were fetched: then the new one is asked. */
async function begin(parts: Parts, signal: AbortSignal): Promise<DeviceLogin> {
  const { metadata } = parts;
  const known = await orForget(metadata, async () => orProviderDown(metadata.configuration(), signal));
  try {
    return await beginAt(parts, known, signal);
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'NO_DEVICE_FLOW') throw error;
    const anew = await orForget(metadata, async () => orProviderDown(metadata.configuration(), signal));
    if (deviceEndpoint(anew) === deviceEndpoint(known)) throw error;
    return beginAt(parts, anew, signal);
  }
}

const deviceEndpoint = (configuration: Configuration): string | undefined =>
  configuration.serverMetadata().device_authorization_endpoint;

async function beginAt(parts: Parts, configuration: Configuration, signal: AbortSignal): Promise<DeviceLogin> {
  const { options, metadata } = parts;
  const began = options.now();
  return orForget(metadata, async () => {
    const { redeem, ...shown } = await orProviderDown(codeFrom(options, metadata, configuration, signal), signal);
    return { ...shown, complete: async (stop) => signedIn(parts, configuration, began, async () => redeem(stop)) };
  });
}

async function beginByLink(parts: Parts, asked: CodeAsked, signal: AbortSignal): Promise<CodeLogin> {
  const { options, metadata } = parts;
  const began = options.now();
  return orForget(metadata, async () => {
    const configuration = await orProviderDown(metadata.configuration(), signal);
    const scope = metadata.scopes.asked(configuration.serverMetadata());
    const { scopes, authentication } = metadata;
    const wasTaken = scopes.fallback.isTaken;
    const failed = (error: unknown): unknown => scopes.fallback.after(error, wasTaken);
    const request = { ...asked, scope, fallback: authentication.fallback, failed };
    const made = askByLink(configuration, request, options.now);
    const { redeem, ...shown } = await orProviderDown(made, signal);
    const complete: CodeLogin['complete'] = async (answer, stop) => {
      const proved = await signedIn(parts, configuration, began, async () => redeem(answer, stop));
      checkFresh(configuration, proved.identity, asked.freshSince);
      return proved;
    };
    return { ...shown, complete };
  });
}

/** The identity of what was redeemed. */
async function signedIn(
  { options, metadata, used }: Parts,
  configuration: Configuration,
  began: number,
  redeem: () => Promise<Tokens>,
): Promise<SignedIn> {
  const tokens = await orForget(metadata, redeem);
  metadata.keep(configuration);
  const listed = await options.groupList?.();
  const identity = identityFrom(tokens, { ...expectedOf(options, began), listed });
  used.take(tokens, began, options.now());
  options.seen?.({ ...tokens.claims() });
  return { identity, ...(tokens.refresh_token === undefined ? {} : { refreshToken: tokens.refresh_token }) };
}

async function orForget<T>(metadata: Metadata, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    metadata.forget();
    throw error;
  }
}

async function codeFrom(
  { issuer, now }: ProviderOptions,
  { scopes, authentication, checked, fetch }: Metadata,
  configuration: Configuration,
  signal: AbortSignal,
): Promise<DeviceCode> {
  const code = await withFallbacks([scopes.fallback, authentication.fallback], async () =>
    askForCode(configuration, scopes.asked(configuration.serverMetadata()), now, signal),
  );
  await checked(async () => checkCodePage(code.uri, issuer, fetch));
  return code;
}

function expectedOf(options: ProviderOptions, began: number): Expected {
  const { clientId, claims, required = {}, unstatedEmail, now } = options;
  return { clientId, claims, required, unstatedEmail, began, now: now() };
}

async function recheck(
  options: ProviderOptions,
  metadata: Metadata,
  refreshToken: string,
  signal: AbortSignal,
): Promise<Recheck> {
  const began = options.now();
  let isSent = false;
  try {
    const configuration = await unlessAborted(metadata.configuration(), signal);
    isSent = true;
    const { fallback } = metadata.authentication;
    const refresh = withFallbacks([fallback], async () => refreshTokenGrant(configuration, refreshToken));
    const tokens = await unlessAborted(refresh, signal);
    metadata.keep(configuration);
    const expected = { ...expectedOf(options, began), unstatedEmail: true };
    // Not every provider sends a new ID token here (OpenID Connect Core 1.0 section 12.2); one that came must be good.
    const identity = tokens.id_token === undefined ? {} : { identity: vouchedFrom(tokens, expected) };
    return { state: 'alive', refreshToken: tokens.refresh_token ?? refreshToken, ...identity };
  } catch (error) {
    metadata.forget();
    signal.throwIfAborted();
    return { ...howItEnded(error, isSent), problem: problemOf(error) };
  }
}

/** Errors that end a sign-in: RFC 6749 section 5.2; OpenID Connect Core 1.0 section 3.1.2.6 for those that ask for the person. */
const overs = ['access_denied', 'interaction_required', 'login_required', 'consent_required'];

function howItEnded(
  error: unknown,
  isSent: boolean,
): { state: 'gone' | 'refused' } | { state: 'unknown'; isLost: boolean } {
  if (error instanceof ResponseBodyError && error.error === 'invalid_grant') return { state: 'refused' };
  if (isOver(error)) return { state: 'gone' };
  // Discovery changes nothing at the provider. An answer that cannot be read counts as lost.
  return { state: 'unknown', isLost: isSent && (!(error instanceof Unreachable) || error.isLost) };
}

function isOver(error: unknown): boolean {
  if (error instanceof ResponseBodyError) return overs.includes(error.error);
  return error instanceof Refused || isTokenFault(error);
}

function problemOf(error: unknown): string {
  return error instanceof Refused && error.cause instanceof Error ? error.cause.message : describe(error);
}
