// A device code relayed: bob completes alice's sign-in, an approver the review that the requester typed, and one approver another's.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { ask } from '../../../harness/inside.ts';
import { named, outcomeOf, records } from '../../../harness/outcome.ts';
import { forgetSignIns } from '../../../harness/tokens.ts';
import { say } from '../../../harness/visits.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that an identity maps to the login that asked',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (!mapsTo(identity.claim, login2, deps.config.oidc.claims.login)) {',
          becomes: 'if (false) {',
        },
        { file: 'keeper', piece: 'if (pin !== void 0 && !isSamePerson(pin, identity)) {', becomes: 'if (false) {' },
      ],
    },
  ],
  run: async (host) => {
    const { alice, bob, mallory } = host.people;
    await forgetSignIns(host);
    const reviews = records(host, 'reviewed');
    expect(await outcomeOf(alice, { as: bob })).toBe('NOT_THIS_LOGIN');
    const { terminal, request } = await ask(host, alice);
    for (const typing of [mallory, named(host, 'dave')]) {
      const { text } = await say(typing, ['approve', request], bob);
      expect(text).toContain('[NOT_THIS_LOGIN]');
    }
    expect(records(host, 'reviewed')).toBe(reviews);
    terminal.type('q');
    await terminal.exit;
  },
};
