// Whether an identity owns a login.
//
// 1. An identity counts only if it maps to the login that asked. Attack: somebody relays their device code to another person, who signs in
//    as themselves (H11).
// 2. The first sign-in of a login pins its issuer and subject. Accident: names and addresses at a provider are renamed, or given to
//    somebody else.
import { isSamePerson, mapsTo, type SamePerson } from '../../core/identity.ts';
import { Refused } from '../../core/refusal.ts';
import { sanitizeLine } from '../../core/text.ts';
import type { Config } from '../../core/policy-types.ts';
import type { Pins } from '../state/pins.ts';
import type { Journal } from '../../adapters/journal/journal.ts';

export interface CheckOwnerDeps {
  readonly config: Config;
  /** Runs tasks of the same name one after another. */
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  readonly pins: Pins;
  readonly host: string;
  readonly journal: Journal;
}

/** What of an identity owns a login. */
type Owner = SamePerson & { readonly claim: string };

/**
 * Refuses an identity that does not own the login; the first one is pinned and journaled.
 * @throws Refused NOT_THIS_LOGIN, PIN_MISMATCH, JOURNAL_DOWN
 */
export async function checkOwner(deps: CheckOwnerDeps, login: string, identity: Owner): Promise<void> {
  if (!mapsTo(identity.claim, login, deps.config.oidc.claims.login)) {
    throw new Refused('NOT_THIS_LOGIN', { login: sanitizeLine(login, 64), claim: sanitizeLine(identity.claim, 120) });
  }
  // One after another: if two people come as the same new login at once, one is pinned and the other is refused.
  await deps.oneByOne(`pin ${login}`, async () => checkPin(deps, login, identity));
}

async function checkPin(deps: CheckOwnerDeps, login: string, identity: Owner): Promise<void> {
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
