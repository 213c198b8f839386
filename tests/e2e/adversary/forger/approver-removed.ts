// An approver who left the group between the request's display and their proof; and one whose group lost its right after they had
// approved as the first of two.
import { expect } from '@jest/globals';
import { completeSignIn } from '../../../../scripts/sandbox/browser.ts';
import type { Attack } from '../../../harness/attack.ts';
import { approvalBy, hostKeys, plantReview, requestOnBoard } from '../../../harness/forge.ts';
import { ask } from '../../../harness/inside.ts';
import { heard, named, records } from '../../../harness/outcome.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that the groups of the proof decide',
      mutations: [
        { file: 'keeper', piece: 'if (host === deps.host && rule2 === void 0) throw', becomes: 'if (false) throw' },
        {
          file: 'keeper',
          piece: 'ruleOf(review2, policy, duty) === void 0 ? "not-approver" : void 0',
          becomes: 'void 0',
        },
      ],
    },
    {
      what: 'that each count is by the policy of that time',
      mutations: [
        {
          file: 'keeper',
          piece: 'ruleOf(review2, policy, duty) === void 0 ? "not-approver" : void 0',
          becomes: 'void 0',
        },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice, bob } = host.people;
    const { terminal, request } = await ask(host, alice);
    const grants = records(host, 'granted');
    const approving = bob.ssh(['approve', request], { tty: false });
    const [url] = await approving.until(/http:\S+user_code=[A-Z]{4}-[A-Z]{4}/);
    await host.provider.overrideClaims({ groups: ['engineers'] });
    await completeSignIn(url, bob.account);
    await approving.exit;
    await host.provider.overrideClaims({});
    expect(approving.text).toContain('[NOT_APPROVER]');
    terminal.type('q');
    await terminal.exit;
    const two = await ask(host, alice, { session: 'prod-two' });
    const { facts, digest } = await requestOnBoard(layout, two.request);
    const own = await hostKeys(layout);
    const first = { ...approvalBy(bob, facts, digest), groups: ['former'] };
    await plantReview(layout, two.request, await own.sign('review', first));
    await plantReview(layout, two.request, await own.sign('review', approvalBy(named(host, 'dave'), facts, digest)));
    await heard(host);
    expect(records(host, 'granted')).toBe(grants);
    two.terminal.type('q');
    await two.terminal.exit;
  },
};
