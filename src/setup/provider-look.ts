// Looks at the provider before anything is written: whether it is the one that is meant, whether it knows the clients, whether the clocks
// agree, and what a real token carries.
//
// 1. Nothing of a sign-in is kept: neither token nor identity.
import {
  openProvider,
  type CodeLogin,
  type DeviceLogin,
  type ProviderOptions,
  type SignedIn,
} from '../adapters/oidc.ts';
import { casOf, optionsFor } from '../adapters/oidc-clients.ts';
import { openTransport } from '../adapters/oidc-transport.ts';
import { noAddress } from '../core/messages/setup.ts';
import {
  clientRefused,
  lookFailed,
  noDeviceFlow,
  providerUnfit,
  redirectRefused,
} from '../core/messages/setup-faults.ts';
import type { Config } from '../core/policy-types.ts';
import { Refused } from '../core/refusal.ts';
import type { Answers, ClientAnswer } from '../core/setup-rules/answers.ts';
import { linkFault } from '../core/setup-rules/link-answer.ts';
import type { Finding } from '../doctor/check.ts';
import { dateFinding, deviceFinding, httpsFinding, issuerFinding, keysFinding } from '../doctor/provider.ts';
import { readJson, readMetadata, urlIn } from '../doctor/provider-facts.ts';
import { pkceFinding } from '../doctor/provider-pkce.ts';
import { SetupFault } from './fault.ts';
import { policyOf } from './init-plan.ts';
import { newPolicy } from './policy-text.ts';

const codeMs = 15_000;

/** Whether the provider can be used, by what it says of itself. @returns what is worth a warning. @throws SetupFault when nobody could sign in */
export async function lookAtProvider(answers: Answers): Promise<readonly Finding[]> {
  const { oidc, signIn } = plannedPolicy(answers);
  const fetch = openTransport(await casOf(oidc));
  const { down, document, skewMs } = await readMetadata(oidc.issuer, fetch);
  if (down !== undefined) throw new SetupFault(providerUnfit(down.say, down.hint));
  const keys = await readJson(urlIn(document, 'jwks_uri') ?? oidc.issuer, fetch).then(
    ({ json }) => json['keys'],
    () => undefined,
  );
  const findings = [
    issuerFinding(document, oidc.issuer),
    ...(signIn.flow === 'code' ? [] : [deviceFinding(document, oidc)]),
    pkceFinding(document, signIn.flow),
    httpsFinding(document, oidc.issuer, oidc.insecureHttp),
    keysFinding(document, keys),
    dateFinding(skewMs),
  ];
  const failed = findings.find(({ verdict }) => verdict === 'fail');
  if (failed !== undefined) throw new SetupFault(providerUnfit(failed.why, failed.remedy ?? ''));
  return findings.filter(({ verdict }) => verdict !== 'ok');
}

/** Whether the provider has an endpoint for device codes; true where it does not answer, which `lookAtProvider` tells. @throws SetupFault */
export async function hasDeviceEndpoint(answers: Answers): Promise<boolean> {
  const { oidc } = plannedPolicy(answers);
  const { down, document } = await readMetadata(oidc.issuer, openTransport(await casOf(oidc)));
  return down !== undefined || urlIn(document, 'device_authorization_endpoint') !== undefined;
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

/** Has the provider check the client of sign-ins, for each way to sign in that the policy has. @throws SetupFault when it refuses the client */
export async function tryClient(answers: Answers): Promise<void> {
  const { flow } = plannedPolicy(answers).signIn;
  if (flow !== 'code') await tryDeviceClient(answers, answers.oidc);
  if (flow !== 'device') await tryLink(answers);
}

/** Has the provider check a client of device logins: it gives a code, which runs out unused. @throws SetupFault when it refuses the client */
export async function tryDeviceClient(answers: Answers, client: ClientAnswer): Promise<void> {
  await begin(answers, client, () => undefined);
}

/** Opens the link of a sign-in, as a browser would, up to the provider's first answer. @throws SetupFault when it does not take the link */
async function tryLink(answers: Answers): Promise<void> {
  const { oidc } = plannedPolicy(answers);
  const { link } = await beginByLink(answers, () => undefined);
  const open = { method: 'GET', headers: {}, body: undefined, redirect: 'manual' } as const;
  const answer = await openTransport(await casOf(oidc))(link, { ...open, signal: AbortSignal.timeout(codeMs) }).then(
    ({ status, headers }) => ({ status, location: headers.get('location') }),
    () => undefined, // the page may be on another network than this host
  );
  const fault = answer === undefined ? undefined : linkFault(answer);
  if (fault !== undefined) throw new SetupFault(redirectRefused(oidc.redirectUri, fault));
}

type See = (claims: Seen['claims']) => void;

async function begin(answers: Answers, client: ClientAnswer, seen: See): Promise<DeviceLogin> {
  const provider = openProvider({ ...(await providerOptions(answers, client)), seen });
  return provider.begin(AbortSignal.timeout(codeMs)).catch((error: unknown) => {
    throw clientFault(error, client.clientId);
  });
}

async function beginByLink(answers: Answers, seen: See): Promise<CodeLogin> {
  const { redirectUri, authorizeParameters: parameters = {} } = plannedPolicy(answers).oidc;
  const provider = openProvider({ ...(await providerOptions(answers, answers.oidc)), seen });
  return provider.beginByLink({ redirectUri, parameters }, AbortSignal.timeout(codeMs)).catch((error: unknown) => {
    throw clientFault(error, answers.oidc.clientId);
  });
}

/** As the keeper would ask with the policy that is planned. */
async function providerOptions(answers: Answers, { clientId, secret }: ClientAnswer): Promise<ProviderOptions> {
  const options = await optionsFor(plannedPolicy(answers).oidc, { clientId }, Date.now);
  return secret === undefined ? options : { ...options, clientSecret: secret };
}

/** How the admin is shown what to do for a sign-in. */
export interface SignInScreen {
  readonly device: (login: DeviceLogin) => void;
  /** @returns the address at which the browser ended */
  readonly link: (link: string) => Promise<string>;
}

/** Signs the admin in once, as the policy has it. @throws SetupFault when that fails */
export async function seeToken(answers: Answers, screen: SignInScreen, signal: AbortSignal): Promise<Seen> {
  let claims: Seen['claims'] = {};
  const see: See = (found) => void (claims = found);
  const signedIn =
    plannedPolicy(answers).signIn.flow === 'code'
      ? byLink(answers, screen, see, signal)
      : byDevice(answers, screen, see, signal);
  const { refreshToken } = await signedIn.catch((error: unknown) => {
    throw error instanceof Refused ? new SetupFault(lookFailed(said(error))) : error;
  });
  return { claims, hasRefreshToken: refreshToken !== undefined };
}

async function byDevice(answers: Answers, screen: SignInScreen, see: See, signal: AbortSignal): Promise<SignedIn> {
  const login = await begin(answers, answers.oidc, see);
  screen.device(login);
  return login.complete(signal);
}

async function byLink(answers: Answers, screen: SignInScreen, see: See, signal: AbortSignal): Promise<SignedIn> {
  const login = await beginByLink(answers, see);
  const address = (await screen.link(login.link)).trim();
  if (!URL.canParse(address)) throw new SetupFault(lookFailed(noAddress));
  return login.complete(new URL(address).searchParams, signal);
}

const said = ({ code, cause }: Refused): string => `${cause instanceof Error ? cause.message : ''} [${code}]`;

function clientFault(error: unknown, clientId: string): unknown {
  if (!(error instanceof Refused)) return error;
  if (error.code === 'NO_DEVICE_FLOW') return new SetupFault(noDeviceFlow(clientId));
  return new SetupFault(clientRefused(clientId, said(error)));
}
