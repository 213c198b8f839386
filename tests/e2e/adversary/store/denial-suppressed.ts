// A denial made on the request's own host: the request is called answered before it, its fields are deleted after it, and the
// request is opened again for somebody who approves.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { hour, plantReview, approvalBy, hostKeys, requestKey, requestOnBoard } from '../../../harness/forge.ts';
import { ask, verb } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { endsWithin, heard, named, records } from '../../../harness/outcome.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that a host knows itself which of its requests were answered',
      mutations: [
        {
          file: 'keeper',
          piece:
            'facts5.host === context.host ? context.tombstones.has(requestTombstoneId(facts5.id)) : state !== "pending"',
          becomes: 'state !== "pending"',
        },
      ],
    },
    {
      what: 'that a denial here does not pass through Redis',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (host === deps.host && made.verdict === "deny") return denyHere(deps, read4, made);',
          becomes: '',
        },
      ],
    },
    {
      what: 'the tombstone of a denied request',
      mutations: [
        {
          file: 'keeper',
          piece:
            'await deps.tombstones.add(requestTombstoneId(id3), read4.facts.answerBy);\n    await deps.store.settle',
          becomes: 'await deps.store.settle',
        },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice, bob } = host.people;
    const [dave, erin] = [named(host, 'dave'), named(host, 'erin')];
    const grants = records(host, 'granted');
    const { terminal, request } = await ask(host, alice, { session: 'prod-two' });
    const key = requestKey(request);
    await verb(bob, ['approve', request]);
    await redis(layout, 'hset', key, 'state', 'approved');
    expect((await verb(dave, ['deny', request, '--reason', 'not now'])).text).toContain('Denied');
    expect(await endsWithin(terminal, 20_000)).toBe(true);
    expect(terminal.text).toContain('[DENIED]');
    await redis(layout, 'hset', key, 'state', 'pending');
    await redis(layout, 'pexpireat', key, String(Date.now() + hour));
    expect((await verb(erin, ['approve', request])).text).toContain('[REQUEST_OVER]');
    const { facts, digest } = await requestOnBoard(layout, request);
    await plantReview(layout, request, await (await hostKeys(layout)).sign('review', approvalBy(erin, facts, digest)));
    await heard(host);
    expect(records(host, 'granted')).toBe(grants);
    await redis(layout, 'del', key);
  },
};
