// An approver who lengthens the window: by the verb, and by a review that another host signed for ten hours.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { approvalBy, plantReview, requestOnBoard } from '../../../harness/forge.ts';
import { ask, journal } from '../../../harness/inside.ts';
import { peerHost, peerKeys } from '../../../harness/peer.ts';
import { shellPrompt } from '../../../harness/visits.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that the shortest window holds',
      mutations: [
        {
          file: 'keeper',
          piece: 'Math.min(signed.facts.durationMs, policy.window.maxMs, ...offered)',
          becomes: 'Math.max(...offered)',
        },
      ],
    },
    {
      what: 'that an approval is at most what was asked for',
      mutations: [
        {
          file: 'keeper',
          piece: 'forMs === void 0 || forMs <= durationMs',
          becomes: 'true',
        },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice, bob } = host.people;
    const { terminal, request } = await ask(host, alice, { window: '5m' });
    const longer = await bob.run(['approve', request, '--for', '6m'], { timeoutMs: 8_000 }).catch(String);
    expect(longer).toMatchObject({ stderr: expect.stringContaining('[WINDOW_TOO_LONG]') });
    const { facts, digest } = await requestOnBoard(layout, request);
    const review = { ...approvalBy(bob, facts, digest), host: peerHost, durationMs: 36_000_000 };
    await plantReview(layout, request, await peerKeys.sign('review', review));
    await terminal.until(shellPrompt);
    const granted = journal(layout).findLast(({ event }) => event === 'granted') as unknown as {
      start: number;
      end: number;
    };
    expect(granted.end - granted.start).toBeLessThanOrEqual(300_000);
    await host.cli(['revoke', request]);
    await terminal.exit;
  },
};
