// The requester reviews their own request: under their login, under a second login as the same subject, and as root.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { ask } from '../../../harness/inside.ts';
import { named, records } from '../../../harness/outcome.ts';
import { plain } from '../../../harness/refused.ts';
import { say } from '../../../harness/visits.ts';

const own = 'return who.login === login || owner !== void 0 && isSamePerson(who, owner);';

const self = '[SELF_REVIEW] hint: send it to: oncall';

export const attack: Attack = {
  guards: [
    {
      what: 'that the login of the requester does not review',
      mutations: [
        { file: 'keeper', piece: own, becomes: 'return false;' },
        { file: 'keeper', piece: 'if (read2.facts.who.login === visitor.login) throw', becomes: 'if (false) throw' },
      ],
    },
    {
      what: 'that the subject of the requester does not review',
      mutations: [{ file: 'keeper', piece: own, becomes: 'return who.login === login;' }],
    },
    {
      what: 'that a review needs a person',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (visitor.login === "root") throw new Refused("NEEDS_A_PERSON"',
          becomes: 'if (false) throw new Refused("NEEDS_A_PERSON"',
        },
      ],
    },
  ],
  run: async (host) => {
    const { alice } = host.people;
    const erin = named(host, 'erin');
    const { terminal, request } = await ask(host, alice);
    const reviews = records(host, 'reviewed');
    await host.provider.overrideClaims({ groups: ['oncall', 'engineers'] });
    for (const words of [
      ['approve', request],
      ['deny', request, '--reason', 'me'],
    ])
      expect(plain((await say(alice, words)).text)).toContain(`You cannot approve or deny your own request. ${self}`);
    // A second login of hers: the provider knows both as one subject.
    await host.provider.overrideClaims({ sub: alice.account.sub });
    await host.cli(['unpin', erin.login]);
    const second = await say(erin, ['approve', request]);
    await host.provider.overrideClaims({});
    await host.cli(['unpin', erin.login]);
    expect(plain(second.text)).toContain(self);
    const byRoot = await host.cli(['approve', request], { timeoutMs: 8_000 }).catch(String);
    expect(byRoot).toMatchObject({ code: 77, stderr: expect.stringContaining('[NEEDS_A_PERSON]') });
    expect(records(host, 'reviewed')).toBe(reviews);
    expect(terminal.text).not.toContain('Approved by');
    terminal.type('q');
    await terminal.exit;
  },
};
