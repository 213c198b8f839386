// What the policy of a host says, once it is checked. Types alone: src/config makes the values, everyone reads them.
// Every duration is in milliseconds and its name ends in Ms. Every record has no prototype, so that a name that
// somebody typed (`constructor`, `toString`) finds nothing that root did not write.
import type { AutoRule } from './auto-rule.ts';
import type { LoginRule } from './identity.ts';
import type { NoticeEvent } from './notice.ts';
import type { Shift } from './shift.ts';

export interface Config {
  /** This host's name, as people read it and as grants name it. */
  readonly host: string;
  /** The account that the gate becomes once it relays. */
  readonly serviceAccount: string;
  readonly oidc: OidcPolicy;
  readonly redis: RedisPolicy;
  readonly signIn: { readonly lifetimeMs: number; readonly recheckMs: number };
  readonly request: { readonly answerWithinMs: number };
  readonly breakGlass: { readonly windowMs: number };
  /** By session name. */
  readonly sessions: Readonly<Record<string, SessionPolicy>>;
  /** By name: who is on call. */
  readonly onCall: Readonly<Record<string, OnCallPolicy>>;
  /** By name: what is asked whether a request may be approved by itself. */
  readonly tickets: Readonly<Record<string, HookPolicy>>;
  readonly notify: readonly NoticePolicy[];
  /** Host name to the path of that host's public key (JWK, RFC 7517). */
  readonly peers: Readonly<Record<string, string>>;
  /** Lets in logins whose home they can write or whose shell runs rc files. */
  readonly insecureLoginHomes: boolean;
}

export interface OidcClient {
  readonly clientId: string;
  readonly clientSecretFile?: string;
}

export interface OidcPolicy extends OidcClient {
  readonly issuer: string;
  readonly scopes: readonly string[];
  readonly claims: { readonly login: LoginRule; readonly groups: string };
  /** The client of approval links, whose name at the provider says that it approves; never `clientId`. Undefined: links are off. */
  readonly approvalClient?: OidcClient;
  /** Only with it may the issuer be `http:`. */
  readonly insecureHttp: boolean;
  /** A mail address counts of which the provider does not say whether it is verified. */
  readonly insecureUnstatedEmail?: boolean;
}

export type RedisPolicy =
  { readonly kind: 'embedded' } | { readonly kind: 'url'; readonly url: string; readonly passwordFile?: string };

export type NoticePolicy = WebhookPolicy | MailPolicy;

export interface MailPolicy {
  readonly email: readonly string[];
  readonly from: string;
  /** smtp: or smtps: URL without a password. */
  readonly smtp: string;
  readonly user?: string;
  readonly secretFile?: string;
  readonly events?: readonly NoticeEvent[];
}

export interface WebhookPolicy {
  readonly webhook: string;
  readonly format: 'json' | 'slack' | 'teams' | 'pagerduty' | 'ntfy';
  /** json, slack, teams: what signs the body. pagerduty: the routing key. ntfy: the access token. */
  readonly secretFile?: string;
  /** Undefined is every event. */
  readonly events?: readonly NoticeEvent[];
}

/** Something outside that is asked: a program of root's, run as the service account, or a URL. */
export type HookPolicy = { readonly answerWithinMs: number } & (
  | { readonly command: readonly string[] }
  | { readonly url: string; readonly secretFile?: string; readonly insecureHttp: boolean }
);

export type OnCallPolicy =
  { readonly rota: readonly Shift[] } | { readonly hook: HookPolicy; readonly cacheMs: number };

export interface SessionPolicy {
  readonly name: string;
  /** The session account: never root, never the service account. */
  readonly runAs: string;
  /** Groups of the groups claim whose members may ask for the session; at least one. */
  readonly who: readonly string[];
  /** Groups whose members may review, sources whom else; at least one of them. How many approvals (1 to 5) make a grant. */
  readonly approvers: {
    readonly groups: readonly string[];
    readonly onCall?: readonly string[];
    readonly count: number;
    /** Whether an approval link may decide too, where there are any. */
    readonly byLink: boolean;
  };
  /** The exception to law 3; undefined is none. */
  readonly autoApprove?: readonly AutoRule[];
  /** 10 s <= default <= max <= 24 h. */
  readonly window: { readonly defaultMs: number; readonly maxMs: number };
  /** `pattern` is the source of a RegExp that compiles with the flag `u`. */
  readonly reason: { readonly pattern?: string; readonly hint?: string; readonly example?: string };
  readonly atExpiry: 'kill' | 'keep';
  readonly sessionGraceMs: number;
  /** `dedicated`: each grant has a server, a cgroup and a temporary home of its own, which die with it. */
  readonly kind: 'shared' | 'dedicated';
  /** `none`: no_new_privs. `account`: what sudo allows the session account holds inside. */
  readonly privileges: 'none' | 'account';
  /** Connections at once, 1 to 64; undefined is no limit. */
  readonly maxConnections?: number;
  readonly record: 'output' | 'output+input';
  /** `view`: whoever attaches looks on, and nothing they type reaches the session. */
  readonly mode: 'type' | 'view';
  /** Input passes only while another person who may approve is attached too. */
  readonly moderated: boolean;
  /** Time without a key: when the person is warned, and when the connection ends; warn < end. Never of those who look on. */
  readonly idle?: { readonly warnMs: number; readonly endMs: number };
}
