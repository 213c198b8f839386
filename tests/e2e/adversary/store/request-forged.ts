// A request that no host wrote, one of a peer in this host's name, and a genuine one replayed under another id.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { hour, payloadOf, plantRequest, requestKey, requestOnBoard, strangersKeys } from '../../../harness/forge.ts';
import { ask, verb } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { peerKeys } from '../../../harness/peer.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that a request stands under its own id',
      mutations: [{ file: 'keeper', piece: '|| read2.value.id !== entry.id', becomes: '' }],
    },
    {
      what: 'that a host signs requests of its own alone',
      mutations: [
        {
          file: 'keeper',
          piece: 'read2.host !== read2.value.host || read2.value.id !== entry.id',
          becomes: 'read2.value.id !== entry.id',
        },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice, bob } = host.people;
    const { terminal, request } = await ask(host, alice);
    const { jws } = await requestOnBoard(layout, request);
    const forged = { ...payloadOf(jws), id: 'F0RGED', answerBy: Date.now() + hour };
    const texts = [
      await (await strangersKeys()).sign('request', forged),
      await peerKeys.sign('request', forged),
      jws,
      JSON.stringify(forged),
    ];
    for (const text of texts) {
      await plantRequest(layout, 'F0RGED', text);
      expect((await host.cli(['requests'])).stdout).not.toContain('F0RGED');
      expect((await bob.run(['approve', 'F0RGED'], { timeoutMs: 8_000 }).catch(String)) as unknown).toMatchObject({
        code: 77,
        stderr: expect.stringContaining('[REQUEST_FORGED]'),
      });
    }
    await redis(layout, 'del', requestKey('F0RGED'));
    expect((await verb(bob, ['deny', request, '--reason', 'over'])).code).toBe(0);
    await terminal.exit;
  },
};
