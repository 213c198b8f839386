// A genuine grant under a key that lives longer than its signed end, and one whose end has passed.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { grantFor, hostKeys, hour, plantGrant } from '../../../harness/forge.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { connections } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { arrival, endsWithin, outcomeOf } from '../../../harness/outcome.ts';

const signedEnd = {
  file: 'keeper',
  piece: 'return Math.min(live2.grant.end, live2.keyEnd);',
  becomes: 'return live2.keyEnd;',
};

export const attack: Attack = {
  guards: [
    { what: 'that the signed end counts', mutations: [signedEnd] },
    {
      what: 'that a grant whose end has passed is none',
      mutations: [
        signedEnd,
        { file: 'keeper', piece: 'read4.value.end <= deps.now() || deps.tombstones', becomes: 'deps.tombstones' },
        { file: 'keeper', piece: ' + clockSlack && now2 < grant.end', becomes: ' + clockSlack' },
      ],
    },
  ],
  run: async ({ layout, people: { alice }, provider: { issuer } }) => {
    const own = await hostKeys(layout);
    const place = { session: 'prod-db', login: alice.login, expires: Date.now() + hour };
    const over = grantFor(alice, issuer, { start: Date.now() - hour, end: Date.now() - 1_000 });
    const dead = await plantGrant(layout, await own.sign('grant', over), { ...place, id: over.id });
    expect(await outcomeOf(alice)).toBe('asked');
    await redis(layout, 'del', dead);
    const short = grantFor(alice, issuer, { end: Math.ceil(Date.now() / 1000) * 1000 + 10_000 });
    const key = await plantGrant(layout, await own.sign('grant', short), { ...place, id: short.id });
    const { outcome, terminal } = await arrival(alice);
    expect(outcome).toBe('in');
    expect(connections(layout)).toMatchObject([{ end: short.end }]);
    expect(await endsWithin(terminal, 30_000)).toBe(true);
    await eventually('it is gone', () => connections(layout).length === 0);
    expect(await outcomeOf(alice)).toBe('asked');
    await redis(layout, 'del', key);
  },
};
