// The types of a host's checked policy; src/config makes the values. Every duration is in milliseconds and its name ends in Ms. Records
// are objects without a prototype, so that a name that somebody typed (`constructor`, `toString`) finds only what root wrote.
import type { AutoRule } from './auto-rule.ts';
import type { LoginRule } from './identity.ts';
import type { NoticeEvent } from './notice.ts';
import type { NoticeFormat } from './notice-formats.ts';
import type { Keep } from './recording/keep.ts';
import type { Shift } from './shift.ts';
import type { FlowPolicy } from './sign-in-flow.ts';
import type { NoteKey } from './tlog/note.ts';

/** The whole policy of one host. */
export interface Config {
  /** This host's name, on screens and in grants. */
  readonly host: string;
  /** The account that the gate becomes after "go". */
  readonly serviceAccount: string;
  readonly oidc: OidcPolicy;
  readonly redis: RedisPolicy;
  readonly signIn: { readonly lifetimeMs: number; readonly recheckMs: number; readonly flow: FlowPolicy };
  readonly request: { readonly answerWithinMs: number };
  readonly breakGlass: { readonly windowMs: number };
  /** By session name. */
  readonly sessions: Readonly<Record<string, SessionPolicy>>;
  readonly recordings: RecordingsPolicy;
  /** The sources that say who is on call, by name. */
  readonly onCall: Readonly<Record<string, OnCallPolicy>>;
  /** The hooks that are asked whether a request may be approved without a person, by name. */
  readonly tickets: Readonly<Record<string, HookPolicy>>;
  readonly notify: readonly NoticePolicy[];
  /** Host name to the path of that host's public key (JWK, RFC 7517). */
  readonly peers: Readonly<Record<string, string>>;
  /** Label, such as `role=web`, to patterns of hosts (core/host-pattern.ts). */
  readonly hostLabels: Readonly<Record<string, readonly string[]>>;
  readonly journal: JournalPolicy;
  /** Witnesses of this host's journal, beside its peers. */
  readonly witnesses: readonly WitnessPolicy[];
  /** Where metrics can be read; missing: nowhere. */
  readonly metrics?: MetricsPolicy;
  /** Lets in logins that can write to their home, or whose shell reads startup files. */
  readonly insecureLoginHomes: boolean;
}

/** Where metrics can be read, and by whom. */
export interface MetricsPolicy {
  /** A unix socket, or a port of the loopback: 127.0.0.1 or ::1. */
  readonly listen: { readonly path: string } | { readonly host: string; readonly port: number };
  /** The group that may open the socket, besides root. A port is open to every account of the host. */
  readonly group: string;
}

/** How the journal is kept. */
export interface JournalPolicy {
  /** From how many bytes on its file becomes a segment. */
  readonly rotateBytes: number;
  /** How long records are kept; missing: for ever. */
  readonly keepMs?: number;
}

/** How recordings are kept. */
export interface RecordingsPolicy {
  /** The most bytes that the recording of one connection may have. */
  readonly quotaBytes: number;
  /**
   * How many bytes have to be free where the recordings are, for somebody to be let in. Undefined: `defaultReserve` of
   * core/recording/reserve.ts.
   */
  readonly reserveBytes?: number;
  /** Recipients of age, to whom recordings are encrypted; nobody: they are compressed only. */
  readonly encryptTo: readonly string[];
  /** How long recordings are kept after their end, where the session does not say; missing: for ever. */
  readonly keep?: Keep;
}

/** A client that is registered at the provider; without a secret it is a public one. */
export interface OidcClient {
  readonly clientId: string;
  readonly clientSecretFile?: string;
}

/** In the body of a request (`client_secret_post`), or in its Authorization header (`client_secret_basic`). */
export type ClientAuthenticationWay = 'post' | 'basic';

/** What is read from an ID token. */
export interface OidcClaims {
  readonly login: LoginRule;
  /** The claim that lists groups. */
  readonly groups: string;
  /** What the policy calls a group, to the value that the claim has for it. */
  readonly groupNames?: Readonly<Record<string, string>>;
  /** A file that lists groups by the login claim, in place of the groups claim. */
  readonly groupsFile?: string;
  /** Claims, each with the value that it must have. */
  readonly require?: Readonly<Record<string, string>>;
}

/** The provider, the client of sign-ins, and how claims map to logins and groups. */
export interface OidcPolicy extends OidcClient {
  readonly issuer: string;
  readonly scopes: readonly string[];
  /** Whether `offline_access` is asked for as well, where the provider lists it: not where the policy names the scopes itself. */
  readonly offlineAccess?: boolean;
  /** How the clients send their secrets; undefined: as the provider takes them. */
  readonly clientAuthentication?: ClientAuthenticationWay;
  /** A file with certificates of CAs that may vouch for the provider, beside those that the host trusts. */
  readonly caFile?: string;
  readonly claims: OidcClaims;
  /** The client of approval links, whose name at the provider says that signing in approves; never `clientId`. Undefined: no links. */
  readonly approvalClient?: OidcClient;
  /** Where the provider sends the browser in the code flow, in the form of WHATWG URL; registered there for `clientId`. */
  readonly redirectUri: string;
  /** More parameters of the authorization request of the code flow; none that the keeper sets itself. */
  readonly authorizeParameters?: Readonly<Record<string, string>>;
  /** Whether the issuer may be an `http:` URL. */
  readonly insecureHttp: boolean;
  /** Whether a mail address is accepted when the provider does not say if it is verified (no `email_verified`). */
  readonly insecureUnstatedEmail?: boolean;
}

/** Where Redis is, and how to authenticate. */
export interface RedisAddress {
  /** `unix:/path`, `redis://[user@]host[:port][/db]` or `rediss://...`. With `sentinels`, `host` is the name that they give the primary. */
  readonly url: string;
  /** A file with the password on its first line. config/load checks that it is safe. */
  readonly passwordFile?: string;
  /** PEM, for `rediss:`: the CAs that may vouch for the server (left out: those that the host trusts), and what is shown to it. */
  readonly caFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** The Sentinels, as `host:port`, that are asked in this order which server is the primary. */
  readonly sentinels?: readonly string[];
  /** How to authenticate with them. */
  readonly sentinelUser?: string;
  readonly sentinelPasswordFile?: string;
  /** More servers of a Cluster, as `host:port`, which are asked when the one in `url` does not answer. */
  readonly cluster?: readonly string[];
}

export type RedisPolicy = { readonly kind: 'embedded' } | ({ readonly kind: 'url' } & RedisAddress);

/** A witness outside the fleet (C2SP tlog-witness). `url` has no slash at its end. */
export interface WitnessPolicy {
  readonly url: string;
  readonly key: NoteKey;
}

export type NoticePolicy = WebhookPolicy | MailPolicy;

/** A receiver of notices by mail. `email`: addresses, or `person` for the person whom the notice is about. */
export interface MailPolicy {
  readonly email: readonly string[];
  readonly from: string;
  /** An smtp: or smtps: URL without a password. */
  readonly smtp: string;
  readonly user?: string;
  readonly secretFile?: string;
  readonly events?: readonly NoticeEvent[];
}

/** A receiver of notices by HTTP. */
export interface WebhookPolicy {
  readonly webhook: string;
  readonly format: NoticeFormat;
  /** The file with the receiver's secret; core/notice-formats.ts says what it is. */
  readonly secretFile?: string;
  /** Undefined: every event. */
  readonly events?: readonly NoticeEvent[];
}

/** A question to something outside: a program that root owns, run as the service account, or a URL. */
export type HookPolicy = { readonly answerWithinMs: number } & (
  | { readonly command: readonly string[] }
  | { readonly url: string; readonly secretFile?: string; readonly insecureHttp: boolean }
);

/** A source of people on call: shifts in the policy, or a hook whose answer is used for `cacheMs`. */
export type OnCallPolicy =
  { readonly rota: readonly Shift[] } | { readonly hook: HookPolicy; readonly cacheMs: number };

/** Who may follow connections while they are live: members of the groups, and whom the on-call sources name. */
export interface Auditors {
  readonly groups: readonly string[];
  readonly onCall?: readonly string[];
}

/** What the policy says of one session. */
export interface SessionPolicy {
  readonly name: string;
  /** The session account; never root, never the service account. */
  readonly runAs: string;
  /** The groups (of the groups claim) whose members may ask for the session; at least one. */
  readonly who: readonly string[];
  /** Who may review: members of the groups, and whom the on-call sources name; at least one of either. `count`: approvals needed (1-5). */
  readonly approvers: {
    readonly groups: readonly string[];
    readonly onCall?: readonly string[];
    readonly count: number;
    /** Whether approvals by approval link count. */
    readonly byLink: boolean;
  };
  /** Who may follow its connections: the session's own `auditors`, else those of the host; undefined: nobody. */
  readonly auditors?: Auditors;
  /** The rules that approve without a person, an exception to law 3; undefined: none. */
  readonly autoApprove?: readonly AutoRule[];
  /** 10 s <= default <= max <= 24 h. */
  readonly window: { readonly defaultMs: number; readonly maxMs: number };
  /** `pattern` is a regular expression of RE2 (config/pattern.ts). */
  readonly reason: { readonly pattern?: string; readonly hint?: string; readonly example?: string };
  readonly atExpiry: 'kill' | 'keep';
  readonly sessionGraceMs: number;
  /** `dedicated`: each person has a server, a cgroup and a temporary home of their own, which end with their last grant. */
  readonly kind: 'shared' | 'dedicated';
  /** `none`: no_new_privs is set, so sudo does not work inside. `account`: the session account's sudo rules hold inside. */
  readonly privileges: 'none' | 'account';
  /** Connections at the same time, 1 to 64; undefined: no limit. */
  readonly maxConnections?: number;
  readonly record: 'output' | 'output+input';
  /** Regular expressions of RE2: what a row of the screen before the cursor looks like where a secret is asked for. */
  readonly secretPrompts: readonly string[];
  /** How long its recordings are kept after their end; missing: as `RecordingsPolicy` says. */
  readonly keep?: Keep;
  /** `view`: everybody who attaches only views; no input reaches the session. */
  readonly mode: 'type' | 'view';
  /** Whether input passes only while another person who may approve is attached too. */
  readonly moderated: boolean;
  /** Time without a keystroke until the person is warned, and until they are disconnected; warn < end. Not for view-only connections. */
  readonly idle?: { readonly warnMs: number; readonly endMs: number };
}
