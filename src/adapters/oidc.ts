// The identity provider (law 2; docs/design.md, "Sign-in"): device logins and re-checks, by openid-client.
//
// 1. Every ID token's signature is verified (oidc-configuration.ts). Attack: a forged token.
// 2. Whatever the provider or the network does wrong ends in a refusal, never in an identity (law 1).
// 3. No error holds a token, code or secret (law 11; oidc-fault.ts).
import { type Configuration, ResponseBodyError, refreshTokenGrant } from 'openid-client';
import type { ClaimNames, GroupList, Identity, Vouched } from '../core/identity.ts';
import { Refused } from '../core/refusal.ts';
import { openMetadata, type ClientOptions, type Metadata } from './oidc-configuration.ts';
import { askForCode, type DeviceCode } from './oidc-device.ts';
import { withFallbacks } from './oidc-fallback.ts';
import { describe, isTokenFault, providerDown } from './oidc-fault.ts';
import { checkCodePage } from './oidc-page.ts';
import { type Expected, type Used, identityFrom, openUsed, vouchedFrom } from './oidc-token.ts';
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
    begin: (signal) => begin(options, metadata, used, signal),
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

async function begin(
  options: ProviderOptions,
  metadata: Metadata,
  used: Used,
  signal: AbortSignal,
): Promise<DeviceLogin> {
  const began = options.now();
  return orForget(metadata, async () => {
    const configuration = await orProviderDown(metadata.configuration(), signal);
    const { redeem, ...shown } = await orProviderDown(codeFrom(options, metadata, configuration, signal), signal);
    const complete = async (stop: AbortSignal): Promise<SignedIn> => {
      const tokens = await orForget(metadata, async () => redeem(stop));
      metadata.keep(configuration);
      const listed = await options.groupList?.();
      const identity = identityFrom(tokens, { ...expectedOf(options, began), listed });
      used.take(tokens, began, options.now());
      return { identity, ...(tokens.refresh_token === undefined ? {} : { refreshToken: tokens.refresh_token }) };
    };
    return { ...shown, complete };
  });
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
