// Looks at the provider before anything is written: whether it is the one that is meant, whether it knows the clients, whether the clocks
// agree, and what a real token carries.
//
// 1. Nothing of a sign-in is kept: neither token nor identity.
import { openProvider, type DeviceLogin, type ProviderOptions } from '../adapters/oidc.ts';
import { casOf, optionsFor } from '../adapters/oidc-clients.ts';
import { openTransport } from '../adapters/oidc-transport.ts';
import { clientRefused, lookFailed, noDeviceFlow, providerUnfit } from '../core/messages/setup-faults.ts';
import type { Config } from '../core/policy-types.ts';
import { Refused } from '../core/refusal.ts';
import type { Answers, ClientAnswer } from '../core/setup-rules/answers.ts';
import type { Finding } from '../doctor/check.ts';
import { dateFinding, deviceFinding, httpsFinding, issuerFinding, keysFinding } from '../doctor/provider.ts';
import { readJson, readMetadata, urlIn } from '../doctor/provider-facts.ts';
import { SetupFault } from './fault.ts';
import { policyOf } from './init-plan.ts';
import { newPolicy } from './policy-text.ts';

const codeMs = 15_000;

/** Whether the provider can be used, by what it says of itself. @returns what is worth a warning. @throws SetupFault when nobody could sign in */
export async function lookAtProvider(answers: Answers): Promise<readonly Finding[]> {
  const { oidc } = plannedPolicy(answers);
  const fetch = openTransport(await casOf(oidc));
  const { down, document, skewMs } = await readMetadata(oidc.issuer, fetch);
  if (down !== undefined) throw new SetupFault(providerUnfit(down.say, down.hint));
  const keys = await readJson(urlIn(document, 'jwks_uri') ?? oidc.issuer, fetch).then(
    ({ json }) => json['keys'],
    () => undefined,
  );
  const findings = [
    issuerFinding(document, oidc.issuer),
    deviceFinding(document, oidc),
    httpsFinding(document, oidc.issuer, oidc.insecureHttp),
    keysFinding(document, keys),
    dateFinding(skewMs),
  ];
  const failed = findings.find(({ verdict }) => verdict === 'fail');
  if (failed !== undefined) throw new SetupFault(providerUnfit(failed.why, failed.remedy ?? ''));
  return findings.filter(({ verdict }) => verdict !== 'ok');
}

/** The policy that is planned; where the claims are not known yet, with `sub`, which every token has. @throws SetupFault */
const plannedPolicy = (answers: Answers): Config =>
  policyOf(newPolicy(answers, answers.oidc.claims ?? { login: { claim: 'sub' }, groups: 'unread' }));

/** What a completed sign-in showed. */
export interface Seen {
  /** The claims of the verified ID token. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly hasRefreshToken: boolean;
}

/** Has the provider check a client: it gives a code, which runs out unused. @throws SetupFault when it refuses the client */
export async function tryClient(answers: Answers, client: ClientAnswer): Promise<void> {
  await begin(answers, client, () => undefined);
}

async function begin(
  answers: Answers,
  client: ClientAnswer,
  seen: (claims: Seen['claims']) => void,
): Promise<DeviceLogin> {
  const provider = openProvider({ ...(await providerOptions(answers, client)), seen });
  return provider.begin(AbortSignal.timeout(codeMs)).catch((error: unknown) => {
    throw clientFault(error, client.clientId);
  });
}

/** As the keeper would ask with the policy that is planned. */
async function providerOptions(answers: Answers, { clientId, secret }: ClientAnswer): Promise<ProviderOptions> {
  const options = await optionsFor(plannedPolicy(answers).oidc, { clientId }, Date.now);
  return secret === undefined ? options : { ...options, clientSecret: secret };
}

/** Signs the admin in once. @param show is given link and code. @throws SetupFault when that fails */
export async function seeToken(
  answers: Answers,
  show: (login: DeviceLogin) => void,
  signal: AbortSignal,
): Promise<Seen> {
  let claims: Seen['claims'] = {};
  const login = await begin(answers, answers.oidc, (found) => void (claims = found));
  show(login);
  const { refreshToken } = await login.complete(signal).catch((error: unknown) => {
    throw error instanceof Refused ? new SetupFault(lookFailed(said(error))) : error;
  });
  return { claims, hasRefreshToken: refreshToken !== undefined };
}

const said = ({ code, cause }: Refused): string => `${cause instanceof Error ? cause.message : ''} [${code}]`;

function clientFault(error: unknown, clientId: string): unknown {
  if (!(error instanceof Refused)) return error;
  if (error.code === 'NO_DEVICE_FLOW') return new SetupFault(noDeviceFlow(clientId));
  return new SetupFault(clientRefused(clientId, said(error)));
}
