// What `init` is told, by questions, a file or options.
import type { PublicKey } from './public-keys.ts';

/** A client at the provider. Its secret is held in memory until it is written. */
export interface ClientAnswer {
  readonly clientId: string;
  readonly secret?: string;
}

/** Keys of a part of the policy, spelled and valued as there; the policy's own schema checks them. */
export type PolicyKeys = Readonly<Record<string, unknown>>;

export interface ProviderAnswer extends ClientAnswer {
  readonly issuer: string;
  readonly approval?: ClientAnswer;
  readonly insecureHttp: boolean;
  /** Left out: proposed by what a token of the provider carries. */
  readonly claims?: PolicyKeys;
  /** More keys of `oidc`, such as `ca_file`. */
  readonly settings?: PolicyKeys;
}

/** A session for the policy; times as the policy spells them. */
export interface SessionAnswer {
  readonly name: string;
  readonly runAs: string;
  readonly who: readonly string[];
  readonly approvers: readonly string[];
  readonly count: number;
  readonly window: { readonly default: string; readonly max: string };
}

/** A login to gate, with its keys. */
export interface LoginAnswer {
  readonly name: string;
  readonly keys: readonly PublicKey[];
}

export interface Answers {
  readonly host: string;
  readonly oidc: ProviderAnswer;
  /** Keys of `sign_in`, such as `flow`. */
  readonly signIn?: PolicyKeys;
  readonly session: SessionAnswer;
  readonly logins: readonly LoginAnswer[];
}
