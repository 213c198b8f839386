import { expect, test } from '@jest/globals';
import { breakGlassPerson } from '../../../src/core/break-glass.ts';
import { expiredLines } from '../../../src/keeper/connections/farewell.ts';
import type { Context } from '../../../src/keeper/context.ts';

const context = { host: 'prod-box' } as Context;
const end = Date.UTC(2026, 10, 29, 12);
const over = 'tmux-gate: Your access to prod-db on prod-box has ended (2026-11-29 12:00:00 UTC).';

test('at the end of a window the person reads how to ask again', () => {
  const who = { issuer: 'https://id.example', subject: '7', login: 'alice', claim: 'alice@example.com' };
  expect(expiredLines(context, { session: 'prod-db', who, end })).toEqual([
    over,
    'To ask again: ssh -t prod-box prod-db',
  ]);
});

test('after break-glass nobody is told to ask again: the next code waits for a review', () => {
  expect(expiredLines(context, { session: 'prod-db', who: breakGlassPerson('alice', '7GKQ'), end })).toEqual([
    over,
    'Break-glass codes work again after a review of this use, by an approver: ssh prod-box break-glass review --reason ...',
  ]);
});
