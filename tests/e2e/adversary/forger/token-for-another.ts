// An ID token of another client or issuer: in the audience alone, among several, as authorized party, with one slash more.
import type { Attack } from '../../../harness/attack.ts';
import { expectNobodySignsIn } from '../../../harness/tokens.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that the token is for this client alone',
      mutations: [
        { file: 'keeper', piece: 'if (!isForUs(claims, expected.clientId)) return', becomes: 'if (false) return' },
        {
          file: 'keeper',
          piece: 'Array.isArray(claims.aud) && claims.aud.length !== 1',
          becomes: 'false',
        },
      ],
    },
    {
      what: 'that the issuer is ours',
      mutations: [
        {
          file: 'keeper',
          piece:
            '.then(validateIssuer.bind(void 0, as)).then(validateAudience.bind(void 0, client.client_id)).then(validateStringClaim.bind(void 0, "sub"))',
          becomes:
            '.then(validateAudience.bind(void 0, client.client_id)).then(validateStringClaim.bind(void 0, "sub"))',
        },
      ],
    },
  ],
  run: async (host) =>
    expectNobodySignsIn(host, [
      'wrong-aud',
      'other-client',
      'more-audiences',
      'other-party',
      'other-party-of-more',
      'no-aud',
      'wrong-iss',
      'slashed-iss',
      'no-iss',
    ]),
};
