// One sentence for each way in which a provider gives no usable answer, and nothing in it that the provider could choose.
import { describe, expect, test } from '@jest/globals';
import { issuerFault, ProviderProblem, providerFault } from '../../../src/core/provider-fault.ts';
import { Refused } from '../../../src/core/refusal.ts';

/** As Node's fetch wraps what went wrong below it. */
const failed = (code: string): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('words of a system'), { code }) });
const withCause = (cause: unknown, code?: string): Error => Object.assign(new Error('said', { cause }), { code });

describe('each cause has its sentence, and the hint that mends it', () => {
  test.each<readonly [what: string, error: unknown, say: string, hint: RegExp]>([
    ['refused', failed('ECONNREFUSED'), 'the provider refuses the connection (ECONNREFUSED)', /is it running/],
    ['broken off', failed('UND_ERR_SOCKET'), 'the connection to the provider broke off (UND_ERR_SOCKET)', /proxies/],
    [
      'no route',
      failed('EHOSTUNREACH'),
      'there is no way through the network to the provider (EHOSTUNREACH)',
      /firewall/,
    ],
    ['no name', failed('ENOTFOUND'), "the provider's name is not found in the DNS (ENOTFOUND)", /name servers/],
    ['no DNS', failed('EAI_AGAIN'), "no name server answers for the provider's name (EAI_AGAIN)", /resolv\.conf/],
    ['late', failed('UND_ERR_HEADERS_TIMEOUT'), 'the provider does not answer in time', /oidc\.issuer/],
    [
      'over',
      AbortSignal.abort(new DOMException('late', 'TimeoutError')).reason,
      'the provider does not answer in time',
      /./,
    ],
    [
      'self-signed',
      failed('DEPTH_ZERO_SELF_SIGNED_CERT'),
      "the provider's certificate is not trusted by this host (DEPTH_ZERO_SELF_SIGNED_CERT)",
      /update-ca-certificates/,
    ],
    [
      'a CA unknown',
      failed('UNABLE_TO_GET_ISSUER_CERT_LOCALLY'),
      "the provider's certificate is not trusted by this host (UNABLE_TO_GET_ISSUER_CERT_LOCALLY)",
      /chain/,
    ],
    [
      'expired',
      failed('CERT_HAS_EXPIRED'),
      "the provider's certificate has expired, or is not valid yet (CERT_HAS_EXPIRED)",
      /renew/,
    ],
    [
      'of another name',
      failed('ERR_TLS_CERT_ALTNAME_INVALID'),
      "the provider's certificate is for another name (ERR_TLS_CERT_ALTNAME_INVALID)",
      /oidc\.issuer/,
    ],
    [
      'no TLS',
      failed('ERR_SSL_WRONG_VERSION_NUMBER'),
      'the provider and this host do not agree on TLS (ERR_SSL_WRONG_VERSION_NUMBER)',
      /port/,
    ],
    [
      'the proxy',
      { code: 'PROXY_407' },
      'the proxy of this host does not let the request through to the provider (PROXY_407)',
      /HTTPS_PROXY/,
    ],
    [
      'another client or secret',
      { status: 401, error: 'invalid_client' },
      'the provider does not accept the client or its secret (invalid_client)',
      /client_secret_file.*client_authentication/,
    ],
    [
      'other scopes',
      { status: 400, error: 'invalid_scope' },
      'the provider does not give the client these scopes (invalid_scope)',
      /oidc\.scopes/,
    ],
    ['another OAuth error', { status: 400, error: 'constructor' }, 'the provider answers with HTTP status 400', /./],
    ['404', { status: 404 }, 'the provider answers with HTTP status 404', /oidc\.issuer is wrong/],
    ['a redirect', { status: 302 }, 'the provider answers with HTTP status 302', /no redirect/],
    ['403', { status: 403 }, 'the provider answers with HTTP status 403', /password/],
    ['429', { status: 429 }, 'the provider answers with HTTP status 429', /minute/],
    ['503', { status: 503 }, 'the provider answers with HTTP status 503', /log of the provider/],
    ['HTML', withCause({ status: 200 }, 'OAUTH_RESPONSE_IS_NOT_JSON'), "the provider's answer is not JSON", /web page/],
    [
      'HTML of a 404',
      withCause({ status: 404 }, 'OAUTH_RESPONSE_IS_NOT_JSON'),
      'the provider answers with HTTP status 404',
      /./,
    ],
    ['broken JSON', withCause(undefined, 'OAUTH_PARSE_ERROR'), "the provider's answer is not JSON", /proxy/],
    [
      'another document',
      { code: 'OAUTH_INVALID_RESPONSE' },
      "the provider's answer lacks what it must hold",
      /document/,
    ],
    [
      'plain http',
      { code: 'OAUTH_HTTP_REQUEST_FORBIDDEN' },
      'the provider names an address that is not https:',
      /https/,
    ],
    ['endless', { code: 'ANSWER_TOO_LONG' }, "the provider's answer is too long", /openid-configuration/],
    ['anything else', failed('EODD'), 'the provider gives no usable answer (EODD)', /certificates/],
    ['a text', 'rubbish', 'the provider gives no usable answer', /network/],
    ['nothing', null, 'the provider gives no usable answer', /network/],
  ])('%s', (_, error, say, hint) => {
    const fault = providerFault(error);
    expect(fault.say).toBe(say);
    expect(fault.hint).toMatch(hint);
  });

  test('another issuer, as the library and the doctor find it', () => {
    const body = { issuer: 'https://elsewhere.example', more: 'x' };
    const error = withCause({ expected: 'https://id.example', body, attribute: 'issuer' }, 'OAUTH_JSON_ATTRIBUTE');
    expect(providerFault(error)).toEqual(issuerFault(body.issuer));
    expect(providerFault(error).say).toBe('the provider calls itself "https://elsewhere.example", oidc.issuer differs');
    expect(providerFault({ attribute: 'issuer', body: null }).say).toBe(
      "the provider's answer lacks what it must hold",
    );
    expect(issuerFault(7).say).toBe("the provider's answer lacks what it must hold");
  });
});

test('a refusal is read by the problem that is its cause', () => {
  const fault = providerFault({ status: 404 });
  const refused = new Refused('PROVIDER_DOWN', {}, new ProviderProblem('for the log', fault));
  expect(providerFault(refused)).toBe(fault);
});

describe('laws 9 and 11: what comes from outside', () => {
  test.each<readonly [what: string, error: unknown]>([
    [
      'a long issuer of escapes',
      { attribute: 'issuer', body: { issuer: `\u001b]0;x\u0007\u202e${'s'.repeat(9_999)}` } },
    ],
    ['a code that is none', failed('secret\u001b[2J of a hundred words')],
    ['an endless code', failed('E'.repeat(10_000))],
    ['messages', withCause(new Error('Bearer eyJhbGciOi'.repeat(50)))],
    ['a body', withCause({ body: { access_token: 'secret' }, expected: 'secret' })],
  ])('%s is bounded, filtered or left out', (_, error) => {
    const { say, hint } = providerFault(error);
    expect(say.length).toBeLessThanOrEqual(120);
    expect(`${say}${hint}`).toMatch(/^[\P{C}\uFFFD]+$/u);
    expect(`${say}${hint}`).not.toMatch(/secret|eyJ|Bearer/);
  });

  test('every sentence with the longest code that is told has at most 120 characters', () => {
    const code = `ERR_SSL_${'X'.repeat(32)}`;
    for (const one of [code, `CERT_${'X'.repeat(35)}`, `EAI_${'X'.repeat(36)}`, `E${'X'.repeat(39)}`])
      expect(providerFault(failed(one)).say.length).toBeLessThanOrEqual(120);
  });

  test('errors that name each other end', () => {
    const one = new Error('one');
    one.cause = new Error('other', { cause: one });
    expect(providerFault(one).say).toBe('the provider gives no usable answer');
  });
});
