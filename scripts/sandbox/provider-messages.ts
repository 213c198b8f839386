// The messages between the sandbox and its provider, over the child's IPC channel.
import type { JWK } from 'jose';
import type { Shape } from './provider-shape.ts';

/** A person's account at the provider. */
export interface PersonAccount {
  /** What they type at the provider. */
  readonly username: string;
  readonly password: string;
  /** The OIDC subject, which does not contain the name, as with most providers. */
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

/** What is wrong with the ID tokens of token responses. All but the first seven are signed with the right key. */
export type Tamper =
  | 'forged-signature'
  | 'alg-none'
  | 'hs256-public-key'
  /** Signed with a forger's key: under a `kid` that the provider does not have, in the header, or at a URL in the header. */
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
  /** The last issued ID token, again. */
  | 'replay'
  /** Two sign-ins get each other's ID token: the first waits for the second. */
  | 'swap'
  | 'none';

/** What every endpoint answers, with status 200 or 302, in place of its own answer. */
export type Misanswer = 'html' | 'wrong-json' | 'huge' | 'redirect';

export type Order =
  /** Disabled people can neither sign in nor refresh; `enabled: true` undoes it. */
  | { readonly do: 'enable'; readonly username: string; readonly enabled: boolean }
  | { readonly do: 'tamper'; readonly mode: Tamper }
  /** The next ID tokens, one mode each; then as before. */
  | { readonly do: 'tamperNext'; readonly modes: readonly Tamper[] }
  /** Replaces fields of every answer of the device authorization endpoint; `{}` for none. */
  | { readonly do: 'device'; readonly fields: Readonly<Record<string, unknown>> }
  /** Claims that replace those of every ID token from now on; signed with the right key. `{}` for none. */
  | { readonly do: 'claims'; readonly claims: Readonly<Record<string, unknown>> }
  /** Looks like another product; `{}` for none. */
  | { readonly do: 'shape'; readonly shape: Shape }
  /** Leaves every request unanswered until it is undone. */
  | { readonly do: 'hang'; readonly on: boolean }
  /** The token endpoint answers HTML with status 200. */
  | { readonly do: 'rubbish'; readonly on: boolean }
  /** The token endpoint answers slow_down (RFC 8628 3.5) this many times. */
  | { readonly do: 'slowDown'; readonly times: number }
  | { readonly do: 'deviceTtl'; readonly seconds: number }
  | { readonly do: 'misanswer'; readonly with: Misanswer | 'none' }
  /** Signs with a new key from now on, and publishes only that one. */
  | { readonly do: 'rotate' }
  /** Endpoints have other URLs from now on, as discovery says; the old ones answer nothing. */
  | { readonly do: 'move'; readonly on: boolean }
  /** By how many seconds the clock of issued ID tokens and of its Date header is after (or, negative, before) the true time. */
  | { readonly do: 'clock'; readonly seconds: number };

export type ToProvider = { readonly start: ProviderSettings } | { readonly id: number; readonly order: Order };

export type FromProvider = { readonly ready: string } | { readonly done: number };

/** The provider's behaviour after the orders so far. */
export interface Mood {
  readonly disabled: Set<string>;
  tamper: Tamper;
  next: Tamper[];
  device: Readonly<Record<string, unknown>>;
  claims: Readonly<Record<string, unknown>>;
  shape: Shape;
  hang: boolean;
  rubbish: boolean;
  slowDown: number;
  deviceTtl: number;
  misanswer: Misanswer | 'none';
  rotated: JWK | undefined;
  moved: boolean;
  clock: number;
}

/** Clients with a secret, by how they must send it; each percent-encodes to something else. */
export const secretClients = {
  post: { id: 'tmux-gate-post', secret: 'in+the/body=0123456789' },
  basic: { id: 'tmux-gate-basic', secret: 'in+a/header=0123456789' },
} as const;

/** The value that leaves a claim out of an ID token. */
export const absent = '(absent)';
