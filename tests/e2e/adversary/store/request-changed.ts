// A request changed between what the approver was shown and what they approve: a longer window, another reason.
import { expect } from '@jest/globals';
import { completeSignIn } from '../../../../scripts/sandbox/browser.ts';
import type { Attack } from '../../../harness/attack.ts';
import { hostKeys, plantRequest, requestOnBoard } from '../../../harness/forge.ts';
import { ask } from '../../../harness/inside.ts';
import { heard, records } from '../../../harness/outcome.ts';

const shown = {
  file: 'keeper',
  piece:
    'if (now4.digest !== shown3.digest) throw new Refused("REQUEST_FORGED", { request: request2, host: context.host });\n  return now4;',
  becomes: 'return shown3;',
};

export const attack: Attack = {
  guards: [
    { what: 'the second look before a review is signed', mutations: [shown] },
    {
      what: 'the digest of the request inside the review',
      mutations: [
        { ...shown, becomes: 'return now4;' },
        {
          file: 'keeper',
          piece: 'review3?.request === facts5.id && review3.digest === digest2',
          becomes: 'review3 !== void 0',
        },
        { file: 'keeper', piece: ' || review2.digest !== digest', becomes: '' },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice, bob } = host.people;
    const waiting = await ask(host, alice);
    const { facts } = await requestOnBoard(layout, waiting.request);
    const grants = records(host, 'granted');
    const approving = bob.ssh(['approve', waiting.request], { tty: false });
    const [url] = await approving.until(/http:\S+user_code=[A-Z]{4}-[A-Z]{4}/);
    const other = { ...facts, durationMs: 3_600_000, reason: 'INC-2 something else' };
    await plantRequest(layout, waiting.request, await (await hostKeys(layout)).sign('request', other));
    await completeSignIn(url, bob.account);
    await approving.exit;
    await heard(host);
    expect(records(host, 'granted')).toBe(grants);
    expect(approving.text).toContain('[REQUEST_FORGED]');
    waiting.terminal.type('q');
    await waiting.terminal.exit;
  },
};
