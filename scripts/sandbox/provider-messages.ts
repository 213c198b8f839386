// What the sandbox and its provider say to each other, over the child's IPC channel.
import type { JWK } from 'jose';

/** A person as the provider knows them. */
export interface PersonAccount {
  /** What they type at the provider. */
  readonly username: string;
  readonly password: string;
  /** The OIDC subject: says nothing about the name, as with most providers. */
  readonly sub: string;
  readonly email: string;
  readonly fullName: string;
  readonly groups: readonly string[];
}

export interface ProviderSettings {
  readonly port: number;
  readonly jwk: JWK;
  readonly cookieKey: string;
  readonly people: readonly PersonAccount[];
}

/** What can be wrong with the ID tokens of token responses. All but the first seven are signed with the right key. */
export type Tamper =
  | 'forged-signature'
  | 'alg-none'
  | 'hs256-public-key'
  /** Keys of the forger's own: under a `kid` that the provider has not, in the header, or where the header points. */
  | 'unknown-kid'
  | 'embedded-jwk'
  | 'jku'
  | 'x5u'
  | 'wrong-aud'
  | 'wrong-iss'
  | 'expired'
  | 'future-iat'
  | 'stale-iat'
  | 'other-client'
  | 'more-audiences'
  | 'other-party'
  | 'other-party-of-more'
  | 'slashed-iss'
  | 'future-nbf'
  | 'no-sub'
  | 'empty-sub'
  | 'number-sub'
  | 'no-iat'
  | 'no-exp'
  | 'no-aud'
  | 'no-iss'
  /** The ID token that was given out last, again. */
  | 'replay'
  /** Each gets the ID token of whoever came before: the first of them waits for the second. */
  | 'swap'
  | 'none';

/** What every endpoint answers with status 200 or 302 in the place of its own answer. */
export type Misanswer = 'html' | 'wrong-json' | 'huge' | 'redirect';

export type Order =
  /** Disabled people can neither sign in nor refresh; `enabled: true` takes it back. */
  | { readonly do: 'enable'; readonly username: string; readonly enabled: boolean }
  | { readonly do: 'tamper'; readonly mode: Tamper }
  /** The next ID tokens, one mode each; then as before. */
  | { readonly do: 'tamperNext'; readonly modes: readonly Tamper[] }
  /** Replaces fields of every answer of the device authorization endpoint; `{}` for none. */
  | { readonly do: 'device'; readonly fields: Readonly<Record<string, unknown>> }
  /** Claims that replace those of every ID token from now on, signed with the right key; `{}` for none. */
  | { readonly do: 'claims'; readonly claims: Readonly<Record<string, unknown>> }
  /** Leaves every request unanswered until taken back. */
  | { readonly do: 'hang'; readonly on: boolean }
  /** The token endpoint answers HTML with status 200. */
  | { readonly do: 'rubbish'; readonly on: boolean }
  /** The token endpoint answers slow_down (RFC 8628 3.5) this many times. */
  | { readonly do: 'slowDown'; readonly times: number }
  | { readonly do: 'deviceTtl'; readonly seconds: number }
  | { readonly do: 'misanswer'; readonly with: Misanswer | 'none' }
  /** Signs with a new key from now on, and publishes that one alone. */
  | { readonly do: 'rotate' }
  /** Endpoints are elsewhere from now on, as discovery says; at their old places is nothing. */
  | { readonly do: 'move'; readonly on: boolean }
  /** The clock by which ID tokens are issued: seconds before or after the true one. */
  | { readonly do: 'clock'; readonly seconds: number };

export type ToProvider = { readonly start: ProviderSettings } | { readonly id: number; readonly order: Order };

export type FromProvider = { readonly ready: string } | { readonly done: number };

/** What the orders have made of the provider. */
export interface Mood {
  readonly disabled: Set<string>;
  tamper: Tamper;
  next: Tamper[];
  device: Readonly<Record<string, unknown>>;
  claims: Readonly<Record<string, unknown>>;
  hang: boolean;
  rubbish: boolean;
  slowDown: number;
  deviceTtl: number;
  misanswer: Misanswer | 'none';
  rotated: JWK | undefined;
  moved: boolean;
  clock: number;
}

/** The value of a claim that an ID token is to be without. */
export const absent = '(absent)';
