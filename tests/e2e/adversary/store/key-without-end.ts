// PERSIST on the key of a live grant, SET without KEEPTTL, and a genuine grant put there without an expiry.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { grantFor, hostKeys, plantGrant } from '../../../harness/forge.ts';
import { enter } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { endsWithin, outcomeOf } from '../../../harness/outcome.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that what has no expiry is no grant',
      mutations: [
        { file: 'keeper', piece: "== kind and redis.call('PTTL', key) > 0", becomes: '== kind' },
        { file: 'keeper', piece: 'filter((grant) => grant.keyEnd > 0)', becomes: 'filter(() => true)' },
      ],
    },
  ],
  run: async (host) => {
    const { layout, people, provider } = host;
    const { issuer } = provider;
    const { alice } = people;
    const grant = grantFor(alice, issuer);
    const place = { session: 'prod-db', login: alice.login, id: grant.id, expires: undefined };
    const key = await plantGrant(layout, await (await hostKeys(layout)).sign('grant', grant), place);
    expect(await outcomeOf(alice)).toBe('asked');
    await redis(layout, 'del', key);
    const inside = await enter(host, alice);
    await redis(layout, 'persist', `{tmux-gate}:grant:prod-box:prod-db:${alice.login}:${inside.grant}`);
    expect(await endsWithin(inside.terminal, 20_000)).toBe(true);
    expect(inside.terminal.text).toContain('was withdrawn');
    await redis(layout, 'del', `{tmux-gate}:grant:prod-box:prod-db:${alice.login}:${inside.grant}`);
  },
};
