// Whether an identity owns a login.
//
// 1. An identity counts only where it maps to the login that asked: a code relayed to somebody else signs in as them (H11).
// 2. The first sign-in of a login pins issuer and subject: names and addresses at a provider can be renamed or reused.
import { type Identity, isSamePerson, mapsTo } from '../../core/identity.ts';
import { Refused } from '../../core/refusal.ts';
import { sanitizeLine } from '../../core/text.ts';
import type { Config } from '../../core/policy-types.ts';
import type { Pins } from '../state/pins.ts';
import type { Journal } from '../../adapters/journal.ts';

export interface CheckOwnerDeps {
  readonly config: Config;
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  readonly pins: Pins;
  readonly host: string;
  readonly journal: Journal;
}

/** @throws Refused NOT_THIS_LOGIN, PIN_MISMATCH */
export async function checkOwner(deps: CheckOwnerDeps, login: string, identity: Identity): Promise<void> {
  if (!mapsTo(identity.claim, login, deps.config.oidc.claims.login)) {
    throw new Refused('NOT_THIS_LOGIN', { login: sanitizeLine(login, 64), claim: sanitizeLine(identity.claim, 120) });
  }
  // One at a time: of two people who come as the same new login at once, one is pinned and the other refused.
  await deps.oneByOne(`pin ${login}`, async () => checkPin(deps, login, identity));
}

async function checkPin(deps: CheckOwnerDeps, login: string, identity: Identity): Promise<void> {
  const pin = deps.pins.of(login);
  if (pin !== undefined && !isSamePerson(pin, identity)) {
    throw new Refused('PIN_MISMATCH', { login, host: deps.host }, `pinned ${pin.subject}, came ${identity.subject}`);
  }
  if (pin === undefined) {
    await deps.journal.write('pinned', {
      login,
      issuer: identity.issuer,
      subject: identity.subject,
      claim: identity.claim,
    });
    await deps.pins.set(login, identity);
  }
}
