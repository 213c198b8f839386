// The pipe into the session is full while somebody looks on; what is typed behind it, once nobody does, waits there to be delivered.
import { expect } from '@jest/globals';
import type { Attack } from '../../../house/attack.ts';
import { clientOf, expectSoon, homeOf, startIn, textOf } from '../../../house/in-session.ts';
import { enter } from '../../../house/inside.ts';
import { comeToLook, expectHeld, expectPassing, leave } from '../../../house/looking.ts';

const row = `${'x'.repeat(63)}\r`;
const rows = 12_000;

export const attack: Attack = {
  guards: [
    {
      what: 'what waits before a full pipe is read, and dropped, while it is held',
      mutations: [{ file: 'relay.js', piece: 'if (rule !== "pass") process.stdin.resume();', becomes: '' }],
    },
  ],
  run: async (host) => {
    const { alice, bob } = host.people;
    const inside = await enter(host, alice, { session: 'prod-mod' });
    const looks = await comeToLook(host, bob, 'prod-mod');
    await expectPassing(inside);
    const taken = `${homeOf(host)}/taken`;
    startIn(host, inside, [`stty -echo; echo taking > ${taken}; cat >> ${taken}`]);
    await expectSoon(() => expect(textOf(taken)).toContain('taking'));
    const client = clientOf(host, inside);
    process.kill(client, 'SIGSTOP');
    inside.terminal.type(row.repeat(rows));
    await leave(host, looks);
    await expectHeld(inside);
    inside.terminal.type('typed-ahead\r');
    await comeToLook(host, bob, 'prod-mod');
    await expectPassing(inside);
    process.kill(client, 'SIGCONT');
    inside.terminal.type('typed-now\r');
    await expectSoon(() => expect(textOf(taken)).toContain('typed-now'));
    expect(textOf(taken)).not.toContain('typed-ahead');
  },
};
