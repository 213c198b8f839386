// Turns what went wrong at the provider into a refusal. Errors of openid-client carry whole responses and tokens as their cause, so none
// of them leaves this file: a refusal's cause is one line that we compose (law 11), and says to the administrator why the provider is
// down (core/provider-fault.ts).
import { ClientError, ResponseBodyError } from 'openid-client';
import { ProviderProblem, providerFault } from '../core/provider-fault.ts';
import { sanitizeLine } from '../core/text.ts';
import { Refused } from '../core/refusal.ts';
import type { RefusalCode } from '../core/refusals.ts';
import { Unreachable } from './oidc-transport.ts';

/** One line about an error, made of our words, fixed sentences of the library and OAuth error codes. It holds no body and no token. */
export function describe(error: unknown): string {
  if (error instanceof Unreachable) return `${providerFault(error).say}: ${error.url}`;
  if (error instanceof ResponseBodyError)
    return `the provider answered "${sanitizeLine(error.error, 64)}" (${error.status})`;
  if (error instanceof ClientError)
    return [`${error.message} (${error.code ?? 'no code'})`, ...libraryReason(error.cause)].join(': ');
  return error instanceof Error ? error.name : 'unknown error';
}

/** The reason in oauth4webapi's fixed sentences, which name a claim or parameter and quote nothing. Deeper causes may quote their input. */
function libraryReason(cause: unknown): readonly string[] {
  const known = ['OperationProcessingError', 'UnsupportedOperationError'];
  return cause instanceof Error && known.includes(cause.name) ? [sanitizeLine(cause.message, 200)] : [];
}

/** A refusal whose cause is safe to log. */
export function refused(code: RefusalCode, problem: string): Refused {
  return new Refused(code, {}, new Error(problem));
}

/** The refusal for an error while the provider was asked: NO_DEVICE_FLOW when its client may not use device logins, else PROVIDER_DOWN. */
export function providerDown(error: unknown): Refused {
  if (error instanceof Refused) return error;
  return isWithoutFlow(error) ? refused('NO_DEVICE_FLOW', describe(error)) : down(error);
}

/** PROVIDER_DOWN, with the fault for the administrator and the library's words for the provider's developer. */
function down(error: unknown): Refused {
  const fault = providerFault(error);
  const says = describe(error);
  const isSaid = error instanceof Unreachable || error instanceof ResponseBodyError;
  return new Refused('PROVIDER_DOWN', {}, new ProviderProblem(isSaid ? says : `${fault.say}: ${says}`, fault));
}

/** Whether device logins are not available: no such endpoint (RFC 8628 section 4), or not for this client (RFC 6749 section 5.2). */
function isWithoutFlow(error: unknown): boolean {
  if (error instanceof ResponseBodyError)
    return ['unauthorized_client', 'unsupported_grant_type'].includes(error.error);
  return error instanceof ClientError && error.code === 'OAUTH_MISSING_SERVER_METADATA';
}

/** NO_DEVICE_FLOW for an answer that says that there is nothing at the device endpoint; any other error as it is. */
export function deviceFault(error: unknown): unknown {
  const status = error instanceof ClientError && error.cause instanceof Response ? error.cause.status : undefined;
  return status !== undefined && [404, 405, 410].includes(status)
    ? refused('NO_DEVICE_FLOW', `there is nothing at the device endpoint (HTTP status ${status})`)
    : error;
}

/**
 * RFC 8628 section 3.5. A code that the provider does not know any more (`invalid_grant`) counts as expired. `authorization_declined` and
 * `bad_verification_code` are Entra's words for a denial and an unknown code.
 */
const answers: Readonly<Record<string, RefusalCode>> = {
  access_denied: 'SIGN_IN_DENIED',
  authorization_declined: 'SIGN_IN_DENIED',
  expired_token: 'SIGN_IN_EXPIRED',
  invalid_grant: 'SIGN_IN_EXPIRED',
  bad_verification_code: 'SIGN_IN_EXPIRED',
};

/** The refusal for an error while polling: SIGN_IN_DENIED, SIGN_IN_EXPIRED, TOKEN_REFUSED or PROVIDER_DOWN. */
export function pollFault(error: unknown): Refused {
  if (error instanceof Refused) return error;
  const code = error instanceof ResponseBodyError ? answers[error.error] : undefined;
  if (code === undefined && !isTokenFault(error)) return down(error);
  return refused(code ?? 'TOKEN_REFUSED', describe(error));
}

const tokenFaults = [
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_UNSUPPORTED_OPERATION',
];

/** Whether a token came and was refused, as opposed to an answer that is no token response. */
export function isTokenFault(error: unknown): boolean {
  if (!(error instanceof ClientError)) return false;
  const { code = '' } = error;
  if (tokenFaults.includes(code)) return true;
  return ['OAUTH_INVALID_RESPONSE', 'OAUTH_PARSE_ERROR'].includes(code) && /JWT|JWS|ID Token/.test(describe(error));
}
