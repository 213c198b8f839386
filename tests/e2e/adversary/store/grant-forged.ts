// A grant in Redis that this host did not sign: no signature, `alg: none`, another key, another payload under a genuine signature.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { grantFor, hostKeys, plantGrant, strangersKeys, unsigned } from '../../../harness/forge.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { outcomeOf } from '../../../harness/outcome.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the signature of a JWS',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (!held) return false;',
          becomes: '',
        },
      ],
    },
  ],
  run: async ({ layout, people: { alice }, provider: { issuer } }) => {
    const grant = grantFor(alice, issuer);
    const genuine = await (await hostKeys(layout)).sign('grant', grant);
    const [header, , signature] = genuine.split('.');
    const longer = Buffer.from(JSON.stringify({ ...grant, id: 'F0RGED10NG' })).toString('base64url');
    const forged = [
      ...unsigned(genuine),
      await (await strangersKeys()).sign('grant', grant),
      [header, longer, signature].join('.'),
    ];
    const place = { session: 'prod-db', login: alice.login, expires: grant.end };
    const keys = await Promise.all(
      forged.map(async (jws, n) => plantGrant(layout, jws, { ...place, id: `F0RGED${String(n)}` })),
    );
    expect(await outcomeOf(alice)).toBe('asked');
    await redis(layout, 'del', ...keys);
  },
};
