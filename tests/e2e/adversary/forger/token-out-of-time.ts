// An ID token of another time: expired, from the future, from before the visit, not valid yet, or without a time.
import type { Attack } from '../../../harness/attack.ts';
import { expectNobodySignsIn } from '../../../harness/tokens.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that a token is as new as the visit',
      mutations: [{ file: 'keeper', piece: 'return timeProblem(claims, expected);', becomes: 'return void 0;' }],
    },
  ],
  run: async (host) =>
    expectNobodySignsIn(host, ['expired', 'future-iat', 'stale-iat', 'future-nbf', 'no-iat', 'no-exp']),
};
