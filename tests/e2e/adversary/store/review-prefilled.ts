// The field of a reviewer filled in before they review, with nothing or with their own review of another request: they must not
// read ALREADY_REVIEWED, and their denial must count.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { approvalBy, hostKeys, requestKey, requestOnBoard, reviewerField } from '../../../harness/forge.ts';
import { ask, verb } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { named } from '../../../harness/outcome.ts';
import { shellPrompt } from '../../../harness/visits.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that only a review of this very request says ALREADY_REVIEWED',
      mutations: [
        {
          file: 'keeper',
          piece: 'review2?.request === facts2.id && review2.digest === digest',
          becomes: 'review2 !== void 0',
        },
      ],
    },
    {
      what: 'that no field speaks for a reviewer',
      mutations: [
        {
          file: 'keeper',
          piece: 'const posted = await deps.store.review(id, { name: sha256(jws), jws, host });',
          becomes:
            'const { by } = JSON.parse(Buffer.from(jws.split(".")[1], "base64url")); const posted = await deps.store.review(id, { name: sha256(by.issuer + String.fromCharCode(10) + by.subject), jws, host }); if (posted === "already") throw new Refused("ALREADY_REVIEWED", { request: id, host });',
        },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice, bob } = host.people;
    const dave = named(host, 'dave');
    const { terminal, request } = await ask(host, alice, { session: 'prod-two' });
    const { facts } = await requestOnBoard(layout, request);
    const old = await (
      await hostKeys(layout)
    ).sign('review', approvalBy(dave, { ...facts, id: 'ANDERE' }, '0'.repeat(64)));
    for (const person of [bob, dave])
      await redis(layout, 'hset', requestKey(request), reviewerField(person, facts.who.issuer), '000 nothing');
    await redis(layout, 'hset', requestKey(request), 'review:copied', `000 ${old}`);
    expect((await verb(bob, ['approve', request])).text).toContain('counts. It needs more approvals');
    expect((await verb(dave, ['approve', request])).text).toContain('Approved');
    await terminal.until(shellPrompt);
    await host.cli(['revoke', request]);
    await terminal.exit;
    const second = await ask(host, alice);
    await redis(layout, 'hset', requestKey(second.request), 'review:copied', `000 ${old}`);
    await redis(layout, 'hset', requestKey(second.request), reviewerField(dave, facts.who.issuer), '000 nothing');
    expect((await verb(dave, ['deny', second.request, '--reason', 'no'])).text).toContain('Denied');
    await second.terminal.exit;
    expect(second.terminal.text).toContain('[DENIED]');
  },
};
