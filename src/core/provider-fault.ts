// Why the identity provider gave no usable answer: one sentence and a hint, for root (`doctor`, `status`) and for the log. A visitor only
// gets PROVIDER_DOWN, since the details describe this host's network.
//
// 1. The text is our own. From outside it takes an HTTP status, an error code in capitals, and the issuer that the provider states, cut
//    and filtered (laws 9 and 11). Attack: an answer that puts escape sequences or a secret into the log.
// 2. Errors are told apart by their fields (code, name, status), cause by cause, and not by their classes, which belong to packages and
//    change with them.
import { sanitizeLine } from './text.ts';

/** What root and the log are told. */
export interface ProviderFault {
  /** One sentence without its full stop, at most 120 characters. */
  readonly say: string;
  /** What to do. */
  readonly hint: string;
}

/** What the adapter throws in place of a package's error, whose causes may hold whole answers of the provider. */
export class ProviderProblem extends Error {
  override readonly name = 'ProviderProblem';
  readonly fault: ProviderFault;

  /** @param message for the log. */
  constructor(message: string, fault: ProviderFault) {
    super(message);
    this.fault = fault;
  }
}

const longest = 120;
const longestIssuer = 70;
/** Causes that are followed at most; errors can name each other in a circle. */
const deepest = 8;

const document = 'ISSUER/.well-known/openid-configuration';
const network = 'is it running? look at host and port in oidc.issuer, and at proxies and firewalls on the way';
const names = 'look at the host name in oidc.issuer, and at the name servers of this host (/etc/resolv.conf)';
const trust =
  'let the provider send its whole chain; a CA of your own belongs to those that the host trusts: update-ca-certificates';
const dates = 'renew the certificate of the provider, and look at the clock of this host';

/** `codes`: of errno(3), getaddrinfo(3), OpenSSL (X509_V_ERR_...), Node, undici, oauth4webapi. The first match in `knowns` is used. */
interface Known extends ProviderFault {
  readonly codes: RegExp;
  /** Whether the code is added to the sentence, since it says more. */
  readonly isTold: boolean;
}

const told = (codes: RegExp, say: string, hint: string): Known => ({ codes, say, hint, isTold: true });
const plain = (codes: RegExp, say: string, hint: string): Known => ({ codes, say, hint, isTold: false });

const knowns: readonly Known[] = [
  told(
    /^PROXY_/,
    'the proxy of this host does not let the request through to the provider',
    'look at HTTPS_PROXY and NO_PROXY in the environment of tmux-gate.service, and at the log of the proxy',
  ),
  told(/^ECONNREFUSED$/, 'the provider refuses the connection', network),
  told(/^(?:ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/, 'the connection to the provider broke off', network),
  told(/^E(?:HOST|NET)(?:UNREACH|DOWN)$/, 'there is no way through the network to the provider', network),
  plain(
    /^(?:TimeoutError|ETIMEDOUT|OAUTH_TIMEOUT|UND_ERR_\w+_TIMEOUT)$/,
    'the provider does not answer in time',
    network,
  ),
  told(/^ENOTFOUND$/, "the provider's name is not found in the DNS", names),
  told(/^EAI_/, "no name server answers for the provider's name", names),
  told(/^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/, "the provider's certificate has expired, or is not valid yet", dates),
  told(
    /^ERR_TLS_CERT_ALTNAME_INVALID$|^HOSTNAME_MISMATCH$/,
    "the provider's certificate is for another name",
    'write the name of the certificate in oidc.issuer, or give the provider a certificate for the name that is there',
  ),
  told(
    /SELF_SIGNED_CERT|^UNABLE_TO_(?:VERIFY|GET_ISSUER)|^CERT_|^INVALID_CA$|^CRL_/,
    "the provider's certificate is not trusted by this host",
    trust,
  ),
  told(
    /^ERR_SSL_|^ERR_TLS_|^EPROTO$/,
    'the provider and this host do not agree on TLS',
    'does the port of oidc.issuer speak TLS, version 1.2 or later?',
  ),
  plain(
    /^OAUTH_(?:PARSE_ERROR|RESPONSE_IS_NOT_JSON)$/,
    "the provider's answer is not JSON",
    `oidc.issuer may lead to a web page or a proxy: ${document} must be application/json`,
  ),
  plain(
    /^OAUTH_INVALID_RESPONSE$/,
    "the provider's answer lacks what it must hold",
    `oidc.issuer may lead to something else: ${document} must be the discovery document`,
  ),
  plain(
    /^OAUTH_(?:HTTP_REQUEST|REQUEST_PROTOCOL)_FORBIDDEN$/,
    'the provider names an address that is not https:',
    'give the provider https: addresses; insecure_http in the policy is for trials alone',
  ),
  plain(
    /^ANSWER_TOO_LONG$/,
    "the provider's answer is too long",
    `oidc.issuer may lead to something else: look at ${document}`,
  ),
];

/** The sentence and hint for an error of the provider or the network. @param error whatever was thrown; its causes are read too */
export function providerFault(error: unknown): ProviderFault {
  const links = linksOf(error);
  const composed = links.find((link) => link instanceof ProviderProblem);
  if (composed !== undefined) return composed.fault;
  const oauth = links.map((link) => oauthFaults.get(link['error'])).find((known) => known !== undefined);
  if (oauth !== undefined) return oauth;
  const status = links.map((link) => link['status']).find((is) => typeof is === 'number' && (is < 200 || is > 299));
  if (status !== undefined) return statusFault(status as number);
  const differs = links.find((link) => link['attribute'] === 'issuer');
  if (differs !== undefined)
    return issuerFault((differs['body'] as Partial<Record<string, unknown>> | null)?.['issuer']);
  return codeFault(links.flatMap(({ code, name }) => [code, name]).filter((word) => typeof word === 'string'));
}

/** OAuth errors (RFC 6749 section 5.2) whose reason is in the policy or in the registration of the client. */
const oauthFaults: ReadonlyMap<unknown, ProviderFault> = new Map([
  [
    'invalid_client',
    {
      say: 'the provider does not accept the client or its secret (invalid_client)',
      hint: 'compare oidc.client_id and client_secret_file with the provider; if both are right, set oidc.client_authentication',
    },
  ],
  [
    'invalid_scope',
    {
      say: 'the provider does not give the client these scopes (invalid_scope)',
      hint: 'allow them to the client at the provider, or name other ones in oidc.scopes',
    },
  ],
]);

type Link = Readonly<Record<string, unknown>>;

/** An error and its causes, outermost first. */
function linksOf(error: unknown): readonly Link[] {
  const links: Link[] = [];
  for (let at = error; typeof at === 'object' && at !== null && links.length < deepest; at = (at as Link)['cause'])
    links.push(at as Link);
  return links;
}

/** The fault of a provider that states another issuer than the policy. @param named `issuer` of its discovery document */
export function issuerFault(named: unknown): ProviderFault {
  if (typeof named !== 'string') return codeFault(['OAUTH_INVALID_RESPONSE']);
  return {
    say: sanitizeLine(
      `the provider calls itself "${sanitizeLine(named, longestIssuer)}", oidc.issuer differs`,
      longest,
    ),
    hint: 'write oidc.issuer exactly as the discovery document has it',
  };
}

function statusFault(status: number): ProviderFault {
  return { say: `the provider answers with HTTP status ${status}`, hint: statusHint(status) };
}

function statusHint(status: number): string {
  if (status === 404 || status === 410) return `oidc.issuer is wrong: there is nothing at ${document}`;
  if (status === 429) return 'the provider was asked too often: try again in a minute';
  if (status >= 500) return 'look at the log of the provider, and of the proxies before it';
  if (status >= 300 && status < 400) return 'write in oidc.issuer where it leads: no redirect is followed';
  return `look at oidc.issuer: ${document} must be there for everybody, without a password`;
}

function codeFault(words: readonly string[]): ProviderFault {
  for (const word of words) {
    const known = knowns.find(({ codes }) => codes.test(word));
    if (known !== undefined)
      return { say: known.isTold ? `${known.say}${codeOf([word])}` : known.say, hint: known.hint };
  }
  return {
    say: `the provider gives no usable answer${codeOf(words)}`,
    hint: 'look at oidc.issuer, the network and the certificates of this host',
  };
}

/** The first word that has the form of an error code, in brackets; empty when none has (rule 1). */
function codeOf(words: readonly string[]): string {
  const code = words.find((word) => /^[A-Z][A-Z0-9_]{2,39}$/.test(word));
  return code === undefined ? '' : ` (${code})`;
}
