// A batch: what one person asks for at one host for a session of several hosts. Each of these makes a request of its own of it, by its own
// policy; approvers see and review them as one (docs/design.md, "Requests and reviews").
//
// 1. A batch says who asks; the host where it was asked for signs that, as it does for reviewers. It gives nothing: each named host makes
//    its own request, which only reviews over that request's digest open (law 8).
// 2. A request belongs to a batch only if its host says so, and if all that approvers read of it is the same: person, address, key, session,
//    reason and time. Attack: a host that was taken over puts a request of somebody else, or another name, among those that are reviewed as one.
// 3. Proof at another host counts only where that host asked the provider for at least as much as this one would have. Attack: a person asks
//    at the one host of the fleet that does not want the claim `acr`, and comes in everywhere.
import { isSamePerson } from './identity.ts';
import type { OidcPolicy } from './policy-types.ts';
import {
  idShape,
  instantShape,
  nameShape,
  personShape,
  sessionShape,
  type Person,
  type RequestFacts,
} from './request.ts';
import { mostHosts } from './host-pattern.ts';
import { boolean, integer, list, object, oneOf, optional, text, type Shape } from './shape.ts';
import type { SignIn } from './sign-in.ts';

/** What a batch says, and what the host where it was asked for signs. */
export interface Batch {
  readonly id: string;
  /** The host where it was asked for. */
  readonly host: string;
  readonly session: string;
  /** The hosts for which it asks. */
  readonly hosts: readonly string[];
  readonly who: Person;
  readonly groups: readonly string[];
  /** As claimed, like those of a request. */
  readonly address: string;
  readonly fingerprint: string;
  readonly reason: string;
  /** Milliseconds; undefined: what each host gives when nobody says. */
  readonly durationMs?: number;
  readonly mode?: 'view';
  /** Instants, milliseconds. */
  readonly requestedAt: number;
  readonly answerBy: number;
  readonly proof: BatchProof;
}

/** How the person proved who they are, and what the host wanted from the provider. */
export interface BatchProof {
  /** When the person signed in there, and until when that is remembered; instants, milliseconds. */
  readonly at: number;
  readonly until: number;
  readonly issuedAt: number;
  readonly authenticatedAt?: number;
  readonly amr?: readonly string[];
  readonly acr?: string;
  /** The claims that name logins and groups at that host (`oidc.claims`). A person may set some claims freely, and not others. */
  readonly loginClaim: string;
  readonly groupsClaim: string;
  /** `oidc.claims.require` of that host, each as `claim=value`. */
  readonly require?: readonly string[];
  /** That host takes mail addresses of which the provider does not say whether they are verified. */
  readonly unstatedEmail?: boolean;
}

/** What one host says of a batch: the request that it made of it, or why it made none. */
export interface BatchAnswer {
  readonly batch: string;
  readonly host: string;
  readonly request?: string;
  /** Of the refusal. */
  readonly code?: string;
  /** The sentence of the refusal; the reason of a denial. */
  readonly says?: string;
  /** Who denied the request. */
  readonly by?: string;
  /** What to do about the refusal. */
  readonly hint?: string;
}

export const batchShape: Shape<Batch> = object({
  id: idShape,
  host: nameShape,
  session: sessionShape,
  hosts: list(nameShape, mostHosts),
  who: personShape,
  groups: list(text(255), 500),
  address: text(128),
  fingerprint: text(128),
  reason: text(1000),
  durationMs: optional(integer(1)),
  mode: optional(oneOf('view')),
  requestedAt: instantShape,
  answerBy: instantShape,
  proof: object({
    at: instantShape,
    until: instantShape,
    issuedAt: instantShape,
    authenticatedAt: optional(instantShape),
    amr: optional(list(text(255), 50)),
    acr: optional(text(255)),
    loginClaim: text(255),
    groupsClaim: text(255),
    require: optional(list(text(600), 50)),
    unstatedEmail: optional(boolean),
  }),
});

export const batchAnswerShape: Shape<BatchAnswer> = object({
  batch: idShape,
  host: nameShape,
  request: optional(idShape),
  code: optional(text(32, /^[A-Z_]+$/)),
  says: optional(text(300)),
  by: optional(text(120)),
  hint: optional(text(300)),
});

/** What the host where a batch was asked for signs when its person no longer wants it. */
export const batchWithdrawalShape = object({ batch: idShape, at: instantShape });

/** How long the host where a batch is asked for waits for the requests of its hosts: milliseconds. */
export const membersWithinMs = 5_000;

/** Whether a request is of this batch (rule 2). */
export function isOfBatch(facts: RequestFacts, batch: Batch): boolean {
  return (
    facts.batch?.id === batch.id &&
    facts.batch.host === batch.host &&
    batch.hosts.includes(facts.host) &&
    isSamePerson(facts.who, batch.who) &&
    facts.who.claim === batch.who.claim &&
    facts.address === batch.address &&
    facts.fingerprint === batch.fingerprint &&
    facts.requestedAt === batch.requestedAt &&
    facts.answerBy <= batch.answerBy &&
    facts.session === batch.session &&
    facts.reason === batch.reason &&
    facts.mode === batch.mode &&
    (batch.durationMs === undefined || facts.durationMs === batch.durationMs)
  );
}

const claimsOf = ({ claims }: Pick<OidcPolicy, 'claims'>): Pick<BatchProof, 'loginClaim' | 'groupsClaim'> => ({
  ...{ loginClaim: claims.login.claim, groupsClaim: claims.groups },
});

/** What a batch says of the sign-in, and of what the policy wants of the provider. */
export function batchProof(signIn: SignIn, oidc: Pick<OidcPolicy, 'claims' | 'insecureUnstatedEmail'>): BatchProof {
  const { at, until, issuedAt, authenticatedAt, amr, acr } = signIn;
  return {
    ...{ at, until, issuedAt, ...claimsOf(oidc) },
    ...(authenticatedAt === undefined ? {} : { authenticatedAt }),
    ...(amr === undefined ? {} : { amr }),
    ...(acr === undefined ? {} : { acr }),
    ...(oidc.claims.require === undefined ? {} : { require: wanted(oidc) }),
    ...(oidc.insecureUnstatedEmail === true ? { unstatedEmail: true } : {}),
  };
}

const wanted = ({ claims: { require = {} } }: Pick<OidcPolicy, 'claims'>): readonly string[] =>
  Object.entries(require).map(([claim, value]) => `${claim}=${value}`);

/** What this host wants of the provider, and the host where the batch was asked for did not; undefined when there is nothing (rule 3). */
export function lessProof({ who, proof }: Pick<Batch, 'who' | 'proof'>, oidc: OidcPolicy): string | undefined {
  if (withoutSlash(who.issuer) !== withoutSlash(oidc.issuer)) return 'issuer';
  const { loginClaim, groupsClaim } = claimsOf(oidc);
  if (proof.loginClaim !== loginClaim) return 'claims.login';
  if (proof.groupsClaim !== groupsClaim) return 'claims.groups';
  if (proof.unstatedEmail === true && oidc.insecureUnstatedEmail !== true) return 'email_verified';
  return wanted(oidc).find((one) => proof.require?.includes(one) !== true);
}

/** The issuer in a policy may have a slash at its end that the one in a token has not. */
const withoutSlash = (issuer: string): string => issuer.replace(/\/$/, '');
