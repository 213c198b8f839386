// The pictures of the documents are what an engineer who waits, and somebody on call, see today. Drawn anew by
// UPDATE_PICTURES=1 npm run suites -- tests/scenarios/pictures
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import { onScreen, watchAs } from '../harness/dashboard.ts';
import { testHost } from '../harness/inside.ts';
import { expectPicture } from '../harness/picture.ts';
import { requestAccess, type Waiting } from '../harness/visits.ts';

let host: Host;
let waiting: Waiting;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgp' });
  waiting = await requestAccess(host.people.alice, {
    ...{ window: '20m', reason: 'INC-4711 replica lag' },
    terminal: { rows: 24, cols: 80 },
  });
});
afterAll(async () => host[Symbol.asyncDispose]());

test('the engineer who waits sees the whole request', async () => {
  await onScreen(waiting.terminal, 'Waiting for approval');
  expectPicture('waiting-room', 'alice$ ssh -t prod-box prod-db', await waiting.terminal.picture(), host);
});

test('somebody on call sees the request on the dashboard', async () => {
  const dashboard = await watchAs(host.people.bob, { rows: 10 });
  const seen = await onScreen(dashboard, waiting.request);
  expect(seen.join('\n')).toContain('INC-4711');
  expectPicture('dashboard', 'bob$ ssh -t prod-box watch', await dashboard.picture(), host);
});
