// A second answer: by the same approver, to a denied request, to a withdrawn one.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { hour, requestKey } from '../../../harness/forge.ts';
import { ask, verb } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { named, records } from '../../../harness/outcome.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that a person reviews once',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (read2.reviews.some((other) => isSamePerson(other.by, made.by))) throw',
          becomes: 'if (false) throw',
        },
      ],
    },
    {
      what: 'that a host remembers what was answered or withdrawn',
      mutations: [
        {
          file: 'keeper',
          piece:
            'facts5.host === context.host ? context.tombstones.has(requestTombstoneId(facts5.id)) : state !== "pending"',
          becomes: 'state !== "pending"',
        },
        { file: 'keeper', piece: 'if (before2 && entry.state === "pending") return "over";', becomes: '' },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice, bob } = host.people;
    const dave = named(host, 'dave');
    const grants = records(host, 'granted');
    const reopen = async (request: string): Promise<void> => {
      await redis(layout, 'hset', requestKey(request), 'state', 'pending');
      await redis(layout, 'pexpireat', requestKey(request), String(Date.now() + hour));
    };
    const two = await ask(host, alice, { session: 'prod-two' });
    await verb(bob, ['approve', two.request]);
    expect((await verb(bob, ['approve', two.request])).text).toContain('[ALREADY_REVIEWED]');
    await verb(dave, ['deny', two.request, '--reason', 'no']);
    await two.terminal.exit;
    const left = await ask(host, alice);
    left.terminal.type('q');
    await left.terminal.exit;
    for (const { request } of [two, left]) {
      expect((await bob.run(['approve', request])).stderr).toContain('[REQUEST_OVER]');
      await reopen(request);
      expect((await verb(dave, ['approve', request])).text).toContain('[REQUEST_OVER]');
    }
    expect(records(host, 'granted')).toBe(grants);
  },
};
