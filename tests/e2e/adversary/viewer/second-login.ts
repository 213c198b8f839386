// Somebody lets themselves type in a moderated session: by a second connection, and by a second login of the same subject, who may approve.
import { expect } from '@jest/globals';
import { completeSignIn } from '../../../../scripts/sandbox/browser.ts';
import type { Attack } from '../../../harness/attack.ts';
import { approve, comeBack, enter } from '../../../harness/inside.ts';
import { comeToLook, expectHeld, expectPassing, leave, personOf, titleOn } from '../../../harness/viewing.ts';
import { says, shellPrompt } from '../../../harness/visits.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'who watches is another person',
      mutations: [
        {
          file: 'keeper',
          piece: 'isThere(one) && approves(one) && isAnother(one.state.who, typist)',
          becomes: 'isThere(one) && approves(one) && one.state.who.login !== typist.login',
        },
      ],
    },
    {
      what: 'who watches is not the login that types',
      mutations: [
        {
          file: 'keeper',
          piece: 'isThere(one) && approves(one) && isAnother(one.state.who, typist)',
          becomes: 'isThere(one) && approves(one)',
        },
      ],
    },
    {
      what: 'who watches may approve',
      mutations: [{ file: 'keeper', piece: 'isThere(one) && approves(one) &&', becomes: 'isThere(one) &&' }],
    },
  ],
  run: async (host) => {
    const { bob } = host.people;
    const twin = personOf(host, 'twin');
    const inside = await enter(host, personOf(host, 'erin'), { session: 'prod-mod' });
    await comeBack(host, personOf(host, 'erin'), 'prod-mod');
    const knocks = twin.ssh(['-t', 'prod-mod', '--for 5m --reason INC-1 look']);
    const [url] = await knocks.until(/http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/);
    await completeSignIn(url, personOf(host, 'erin').account);
    const [, request = ''] = await knocks.until(/Request ([0-9A-Z]{6})[^]*Waiting for approval/);
    await approve(bob, request);
    await knocks.until(shellPrompt);
    // Somebody who works there and may not approve changes nothing either.
    await enter(host, personOf(host, 'carol'), { session: 'prod-mod' });
    expect(titleOn(inside)).toMatch(/^INPUT HELD/);
    const looks = await comeToLook(host, bob, 'prod-mod');
    await expectPassing(inside);
    expect(await says(inside, 'echo seen')).toBe('seen');
    await leave(host, looks);
    await expectHeld(inside);
  },
};
