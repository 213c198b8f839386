// The same address with another subject: somebody who was given a name that belonged to somebody else.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { outcomeOf } from '../../../harness/outcome.ts';
import { forgetSignIns } from '../../../harness/tokens.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the pin',
      mutations: [
        { file: 'keeper', piece: 'if (pin !== void 0 && !isSamePerson(pin, identity)) {', becomes: 'if (false) {' },
      ],
    },
  ],
  run: async (host) => {
    const { alice } = host.people;
    expect(await outcomeOf(alice)).toBe('asked');
    await forgetSignIns(host);
    await host.provider.overrideClaims({ sub: '00uSOMEBODYELSE' });
    const outcome = await outcomeOf(alice);
    await host.provider.overrideClaims({});
    expect(outcome).toBe('PIN_MISMATCH');
  },
};
