// An ID token that proved somebody before, given out again for a new device code while it is still new.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { named, outcomeOf } from '../../../harness/outcome.ts';
import { forgetSignIns } from '../../../harness/tokens.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that a token proves once',
      mutations: [{ file: 'keeper', piece: 'if (at2 !== void 0 && at2 <= began) throw', becomes: 'if (false) throw' }],
    },
  ],
  run: async (host) => {
    const carol = named(host, 'carol');
    await forgetSignIns(host);
    expect(await outcomeOf(carol)).toBe('asked');
    await forgetSignIns(host);
    await host.provider.tamperNext(['replay']);
    expect(await outcomeOf(carol)).toBe('TOKEN_REFUSED');
  },
};
