// A remembered sign-in under my key that is not mine: unsigned, of another login, key or host, of another person.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { hostKeys, payloadOf, strangersKeys } from '../../../harness/forge.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { named, outcomeOf } from '../../../harness/outcome.ts';
import { peerHost, peerKeys } from '../../../harness/peer.ts';

const served =
  'return signIn.login === place.login && signIn.host === place.host && signIn.fingerprint === place.fingerprint && place.fingerprint';

const without = (what: string, condition: string) => ({
  what: `that a sign-in is of this ${what}`,
  mutations: [{ file: 'keeper', piece: served, becomes: served.replace(condition, 'true') }],
});

export const attack: Attack = {
  guards: [
    without('login', 'signIn.login === place.login'),
    without('key', 'signIn.fingerprint === place.fingerprint'),
    without('host', 'signIn.host === place.host'),
    {
      what: 'that it is of the person to whom the login is pinned',
      mutations: [
        {
          file: 'keeper',
          piece: 'pin !== void 0 && isSamePerson(pin, read2.value) ? read2.value',
          becomes: 'pin !== void 0 ? read2.value',
        },
      ],
    },
    {
      what: 'that this host signed it',
      mutations: [
        {
          file: 'keeper',
          piece: 'verify(jws, "sign-in", signInShape, host)',
          becomes: 'verify(jws, "sign-in", signInShape)',
        },
      ],
    },
    {
      what: 'that it ends',
      mutations: [
        {
          file: 'keeper',
          piece: 'place.fingerprint !== "" && now2 < signIn.until',
          becomes: 'place.fingerprint !== ""',
        },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const carol = named(host, 'carol');
    expect(await outcomeOf(carol)).toBe('asked');
    const pattern = `{tmux-gate}:sign-in:prod-box:${carol.login}:*`;
    const [key = ''] = (await redis(layout, '--scan', '--pattern', pattern)).split('\n');
    const genuine = await redis(layout, 'get', key);
    const signIn = payloadOf(genuine);
    const whoami = async (jws: string): Promise<string> => {
      await redis(layout, 'set', key, jws, 'px', '600000');
      return (await carol.run(['whoami'])).stdout;
    };
    const own = await hostKeys(layout);
    const forged = [
      JSON.stringify(signIn),
      await (await strangersKeys()).sign('sign-in', signIn),
      await peerKeys.sign('sign-in', signIn),
      await own.sign('sign-in', { ...signIn, login: 'somebody' }),
      await own.sign('sign-in', { ...signIn, fingerprint: 'SHA256:another' }),
      await own.sign('sign-in', { ...signIn, host: peerHost }),
      await own.sign('sign-in', { ...signIn, subject: 'another' }),
      await own.sign('sign-in', { ...signIn, until: Date.now() - 1_000 }),
    ];
    for (const jws of forged) expect(await whoami(jws)).toMatch(/^Identity +not signed in$/m);
    expect(await whoami(genuine)).toContain(carol.account.email);
  },
};
