// Looks whether the page is there on which people type their code. Authentik gives out codes while the brand has no device code flow, and
// then answers 404 on that page: the person would look at an error page, and the gate would wait for five minutes.
//
// 1. Only a page at the issuer's own origin is looked at. Attack: a provider's answer makes the keeper send requests into the host's network.
// 2. Only "there is nothing" counts. Accident: a page that this host may not see, but the person may, ends everybody's sign-in.
import { refused } from './oidc-fault.ts';
import { type FetchWhole, withoutQuery } from './oidc-transport.ts';

const lookMs = 3_000;

/** @throws Refused NO_DEVICE_FLOW when there is nothing at the address; never anything else. */
export async function checkCodePage(uri: string, issuer: string, fetch: FetchWhole): Promise<void> {
  if (new URL(uri).origin !== new URL(issuer).origin) return;
  const asked = { method: 'GET', headers: { accept: 'text/html' }, body: undefined, redirect: 'manual' } as const;
  const status = await fetch(uri, { ...asked, signal: AbortSignal.timeout(lookMs) }).then(
    (answer) => answer.status,
    () => undefined,
  );
  if (status === 404 || status === 410)
    throw refused(
      'NO_DEVICE_FLOW',
      `there is no page to type the code on: HTTP status ${status} at ${withoutQuery(uri)}`,
    );
}
