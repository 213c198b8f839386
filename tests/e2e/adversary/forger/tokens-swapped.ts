// Two people sign in at once, and each is given the other's ID token.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { named, outcomeOf } from '../../../harness/outcome.ts';
import { forgetSignIns } from '../../../harness/tokens.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that an identity maps to the login that asked',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (!mapsTo(identity.claim, login2, deps.config.oidc.claims.login)) {',
          becomes: 'if (false) {',
        },
        { file: 'keeper', piece: 'if (pin !== void 0 && !isSamePerson(pin, identity)) {', becomes: 'if (false) {' },
      ],
    },
  ],
  run: async (host) => {
    await forgetSignIns(host);
    await host.provider.tamperNext(['swap', 'swap']);
    const both = [host.people.alice, named(host, 'carol')].map(async (person) => outcomeOf(person));
    expect(await Promise.all(both)).toEqual(['NOT_THIS_LOGIN', 'NOT_THIS_LOGIN']);
  },
};
