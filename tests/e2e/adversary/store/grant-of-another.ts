// A genuine grant that opens something else: of another kind, host, session, login or person, put under my key.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { grantFor, hostKeys, plantGrant, type Grant } from '../../../harness/forge.ts';
import { endAll } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { named, outcomeOf } from '../../../harness/outcome.ts';
import { peerHost, peerKeys } from '../../../harness/peer.ts';

const opens =
  'return grant.host === scope.host && grant.session === scope.session && grant.who.login === scope.login && isSamePerson(grant.who, person2) && grant.start';
const isFor = 'return grant.host === scope.host && grant.session === scope.session && isOf(';
const isOf = 'return who.login === owner.login && isSamePerson(who, owner);';

/** Both looks at a grant, the visit's and the book's, without one condition. */
const without = (what: string, ...conditions: readonly RegExp[]) => ({
  what: `that a grant is of this ${what}`,
  mutations: [opens, isFor, isOf].map((piece) => ({
    file: 'keeper',
    piece,
    becomes: conditions.reduce((text, condition) => text.replace(condition, 'true'), piece),
  })),
});

export const attack: Attack = {
  guards: [
    without('session', /grant\.session === scope\.session/),
    without('login', /(?:grant\.)?who\.login === (?:scope|owner)\.login/),
    without('person', /isSamePerson\([^)]*\)/),
    without('host', /grant\.host === scope\.host/),
    {
      what: 'that one kind of token is not another',
      mutations: [{ file: 'keeper', piece: 'typ === typeOf(kind)', becomes: 'true' }],
    },
    {
      what: 'that the grants of this host are signed by it',
      mutations: [{ file: 'keeper', piece: 'from !== void 0 && from !== signer.host', becomes: 'false' }],
    },
  ],
  run: async (host) => {
    const { layout, people, provider } = host;
    const { alice } = people;
    const own = await hostKeys(layout);
    const grant = (change: Partial<Grant> = {}): Grant => grantFor(alice, provider.issuer, change);
    const { who } = grant();
    const forged = [
      await own.sign('review', grant()),
      await own.sign('grant', grant({ host: peerHost })),
      await own.sign('grant', grant({ session: 'prod-two' })),
      await own.sign('grant', grant({ who: { ...who, login: named(host, 'carol').login } })),
      await own.sign('grant', grant({ who: { ...who, subject: 'another' } })),
      await peerKeys.sign('grant', grant()),
    ];
    const place = { session: 'prod-db', login: alice.login, expires: grant().end };
    const keys = await Promise.all(
      forged.map(async (jws, n) => plantGrant(layout, jws, { ...place, id: `0THER${String(n)}` })),
    );
    expect(await outcomeOf(alice)).toBe('asked');
    await redis(layout, 'del', ...keys);
    await endAll(host);
  },
};
