// What providers answer to a device authorization request, as RFC 8628 section 3.2 has it. The library takes nothing else, and a provider
// of another spelling would be down for good.

type Answer = Record<string, unknown>;

/** Whole seconds, also where they are written as text. */
const secondsOf = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;

/**
 * @param body the text of an answer, of whatever endpoint; what is no device authorization response is returned as it is.
 * @returns `verification_url` (Google's, of before the RFC) as `verification_uri`, numbers as numbers, and no interval of 0: one that is
 * left out means 5 seconds.
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
