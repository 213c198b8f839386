// An ID token with a signature that is none, or of a key of the forger's own: named in the header, unknown, or under the real one's name.
import type { Attack } from '../../../harness/attack.ts';
import { expectNobodySignsIn } from '../../../harness/tokens.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that signatures are verified at all: openid-client trusts TLS alone',
      mutations: [{ file: 'keeper', piece: 'return [enableNonRepudiationChecks, ', becomes: 'return [' }],
    },
  ],
  run: async (host) =>
    expectNobodySignsIn(host, [
      'forged-signature',
      'alg-none',
      'hs256-public-key',
      'unknown-kid',
      'embedded-jwk',
      'jku',
      'x5u',
    ]),
};
