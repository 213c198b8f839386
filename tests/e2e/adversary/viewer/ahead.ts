// Somebody types ahead while nobody watches, also after the keeper was killed: to be delivered when an approver comes.
import { expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import type { Attack } from '../../../harness/attack.ts';
import { killKeeper } from '../../../harness/faults.ts';
import { homeOf } from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';
import { comeToLook, expectHeld, expectPassing, leave } from '../../../harness/viewing.ts';
import { says } from '../../../harness/visits.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'what is typed while it is held is dropped',
      mutations: [
        {
          file: 'relay.js',
          piece: 'if (rule !== "pass") return;',
          becomes:
            'if (rule !== "pass") { (running.kept ??= []).push(bytes); return; } for (const kept of running.kept?.splice(0) ?? []) running.keys.write(kept);',
        },
      ],
    },
    {
      what: 'it is held from the moment that the last who looked on has gone',
      mutations: [
        { file: 'keeper', piece: 'connections2.onEnding((session) => moderate(context, session));', becomes: '' },
      ],
    },
    {
      what: 'it is held when no keeper is heard',
      mutations: [{ file: 'relay.js', piece: 'if (guarded) hear("held");', becomes: '' }],
    },
  ],
  run: async (host) => {
    const { alice, bob } = host.people;
    const inside = await enter(host, alice, { session: 'prod-mod' });
    const file = (name: string): string => `${homeOf(host)}/${name}`;
    await expectHeld(inside);
    inside.terminal.type('touch ~/ahead\r');
    const looks = await comeToLook(host, bob, 'prod-mod');
    await expectPassing(inside);
    expect(await says(inside, 'echo seen')).toBe('seen');
    await leave(host, looks, '\u0003');
    await expectHeld(inside);
    inside.terminal.type('touch ~/after\r');
    await comeToLook(host, bob, 'prod-mod');
    await expectPassing(inside);
    await killKeeper(host);
    await expectHeld(inside);
    inside.terminal.type('touch ~/alone\r');
    await host.keeper.start();
    await expectPassing(inside);
    expect(await says(inside, 'echo seen again')).toBe('seen again');
    expect(['ahead', 'after', 'alone'].filter((name) => existsSync(file(name)))).toEqual([]);
    expect(inside.terminal.text).not.toContain('touch ~');
  },
};
