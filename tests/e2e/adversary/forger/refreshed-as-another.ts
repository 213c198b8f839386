// The provider's answer to a re-check is about another person: it vouches for nobody here, and the line is cut.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { enter } from '../../../harness/inside.ts';
import { endsWithin } from '../../../harness/outcome.ts';
import { forgetSignIns } from '../../../harness/tokens.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that the answer is about the same person',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (!isSamePerson(said, one)) return false;',
          becomes: '',
        },
      ],
    },
  ],
  run: async (host) => {
    const { alice } = host.people;
    await forgetSignIns(host);
    const inside = await enter(host, alice);
    await host.provider.overrideClaims({ sub: '00uSOMEBODYELSE' });
    const ended = await endsWithin(inside.terminal, 25_000);
    await host.provider.overrideClaims({});
    expect(ended).toBe(true);
    expect(inside.terminal.text).toContain('no longer vouches for you');
    await host.cli(['revoke', inside.grant]);
  },
};
