// The pictures of the documents are what an engineer who waits, somebody on call, and an engineer inside see today. Drawn anew by
// UPDATE_PICTURES=1 npm run suites -- tests/scenarios/pictures
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import { onScreen, watchAs } from '../harness/dashboard.ts';
import { approve, testHost } from '../harness/inside.ts';
import { expectPicture } from '../harness/picture.ts';
import { titleOn } from '../harness/viewing.ts';
import { requestAccess, shellPrompt, type Waiting } from '../harness/visits.ts';

let host: Host;
let waiting: Waiting;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgp', people: { carol: ['engineers'] } });
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

test('two engineers in a shared session see what either types, and how long the first one may stay', async () => {
  const { alice, bob, carol } = host.people;
  waiting.terminal.type('q');
  await waiting.terminal.exit;
  const size = { rows: 8, cols: 80 };
  const inside: Waiting[] = [];
  for (const [person, window] of [
    [carol, '20m'],
    [alice, '110s'],
  ] as const) {
    const asked = await requestAccess(person!, { window, reason: 'INC-4711 replica lag', terminal: size });
    await approve(bob, asked.request);
    await asked.terminal.until(shellPrompt);
    inside.push(asked);
  }
  const [hers, mine] = inside.map(({ terminal }) => terminal) as [Waiting['terminal'], Waiting['terminal']];
  hers.type("clear; echo 'carol: I look at the replicas'\r");
  await onScreen(mine, /^carol: I look/m);
  mine.type("echo 'alice: and I at the locks'\r");
  await onScreen(hers, /^alice: and I/m);
  // Whoever comes anew is reminded within seconds, and a key would clear it: those above may have cleared the first one.
  mine.type('\u0002d');
  await mine.exit;
  const again = alice.ssh(['-t', 'prod-db'], size);
  await onScreen(again, /\d+s left\. More time/);
  expectPicture('inside', titleOn({ terminal: again }), await again.picture(), host);
});
