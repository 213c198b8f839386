// Rewrites a provider's answers of the device flow into the form of RFC 8628. openid-client accepts no other form, so a provider with
// another spelling could not be used at all.

type Answer = Record<string, unknown>;

/** A number of seconds, also when it was written as text. */
const secondsOf = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;

/**
 * The response in the standard form: `verification_url` (Google's, older than the RFC) becomes `verification_uri`, numbers in text become
 * numbers, and an interval of 0 is left out, which means 5 seconds.
 * @param body the body of a response of any endpoint. If it is not a device authorization response, it is returned unchanged.
 */
export function standardAnswer(body: string): string {
  const answer = deviceAnswer(body);
  if (answer === undefined) return body;
  const { interval, expires_in: expires, verification_url: url, verification_uri: uri = url, ...rest } = answer;
  const every = secondsOf(interval);
  const standard = { ...rest, verification_uri: uri, expires_in: secondsOf(expires) };
  return JSON.stringify(
    every === 0 || every === undefined || every === null ? standard : { ...standard, interval: every },
  );
}

function deviceAnswer(body: string): Answer | undefined {
  if (!body.includes('"device_code"')) return undefined;
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && 'device_code' in value ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Status and headers of an answer. */
interface Head {
  readonly status: number;
  readonly headers: Headers;
}

/** The beginning of an OAuth error (RFC 6749 section 5.2). */
const oauthError = /^\s*\{[^{}]*"error"\s*:/;

/**
 * Status and headers of an answer, without the challenge of one that is an OAuth error: openid-client reads a challenge in place of the
 * error, and so would not see that a code is still pending where that comes with status 401 (older Dex), nor that a client is not known.
 * @param body the body of the answer.
 */
export function standardError({ status, headers }: Head, body: string): Head {
  if (status < 400 || !headers.has('www-authenticate') || !oauthError.test(body)) return { status, headers };
  const standard = new Headers(headers);
  standard.delete('www-authenticate');
  return { status, headers: standard };
}
