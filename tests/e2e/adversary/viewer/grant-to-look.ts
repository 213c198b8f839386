// A grant for watching is used to type, and to lengthen a short window for typing.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { comeBack, connections, enter } from '../../../harness/inside.ts';
import { askToLook, personOf } from '../../../harness/viewing.ts';
import { signInWhenAsked } from '../../../harness/visits.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'a grant to look on serves nobody who types',
      mutations: [
        {
          file: 'keeper',
          piece:
            '({ grant }) => servesMode(grant, mode) && (who.from === void 0 || grant.batch === who.batch) && opens(grant, scope, who, deps.now())',
          becomes: '({ grant }) => opens(grant, scope, who, deps.now())',
        },
        { file: 'keeper', piece: '...modeFields(leastOf(plan.mode, grant))', becomes: '...modeFields(plan.mode)' },
      ],
    },
    {
      what: 'who types stands on grants for typing alone',
      mutations: [
        {
          file: 'keeper',
          piece: 'return deps.liveGrants.latestFor(who, scope, ({ grant }) => servesMode(grant, mode));',
          becomes: 'return deps.liveGrants.latestFor(who, scope);',
        },
      ],
    },
  ],
  run: async (host) => {
    const carol = personOf(host, 'carol');
    await askToLook(host, carol, { window: '30m' });
    const knocks = carol.ssh(['-t', 'prod-db', '--for 5m --reason INC-1 type']);
    void signInWhenAsked(knocks, carol);
    const [seen] = await knocks.until(/Waiting for approval|until \d\d:\d\d:\d\d UTC \(/);
    expect(seen).toBe('Waiting for approval');
    knocks.type('q');
    await knocks.exit;
    const types = await enter(host, carol);
    // Somebody else's grant: every deadline of the session is looked at anew.
    await enter(host, host.people.alice);
    await comeBack(host, host.people.alice);
    const now = connections(host.layout).find(({ id }) => id === types.id);
    expect(now?.end).toBe(types.end);
  },
};
