// A recording is followed while it is live, listed, replayed, printed as text and exported; and each reading is journaled by name.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { connections, journal, testHost } from '../harness/inside.ts';
import { endIt, letIn } from '../harness/visits.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgs' });
});
afterAll(async () => host[Symbol.asyncDispose]());

const onTerminal = (...words: readonly string[]): Terminal => new Terminal(`${host.layout.lib}/tmux-gate`, words);

async function listed(id: string): Promise<unknown> {
  const all = JSON.parse((await host.cli(['recordings', '--json'])).stdout) as { id: string }[];
  return all.find((one) => one.id === id);
}

test('from a live connection to an exported file', async () => {
  const { alice } = host.people;
  const mine = await letIn(host, alice);
  const { id = '' } = connections(host.layout)[0] ?? {};
  mine.terminal.type('echo "$((6*7))-seen"\r');
  await mine.terminal.until('42-seen');

  await using live = onTerminal('replay', id, '--follow', '--reason', 'INC-1 look');
  await live.until('42-seen');
  mine.terminal.type('echo "$((6*7))-later"\r');
  await live.until('42-later');
  expect(await listed(id)).toMatchObject({ state: 'live', login: alice.login, session: 'prod-db' });
  await endIt(host, mine);
  await live.until(`The connection ${id} has ended.`);
  expect((await live.exit).code).toBe(0);

  expect(await listed(id)).toMatchObject({ state: expect.stringMatching(/^(?:ended|sealed)$/), held: false });
  expect((await host.cli(['replay', id.slice(0, 6).toLowerCase(), '--text'])).stdout).toMatch(/^0:\d\d {2}.*42-later/m);
  expect((await host.cli(['export', id, '--cast'])).stdout).toMatch(/^\{"version":2,/);
  const page = (await host.cli(['export', id, '--html'])).stdout;
  expect(/<title>(.*)<\/title>/.exec(page)?.[1]).toBe(`${alice.login} in prod-db on prod-box`);

  await using player = onTerminal('replay', id, '--from', '42-later', '--speed', '8');
  await player.until(`${alice.login}@prod-db ${id}`);
  player.type('q');
  expect((await player.exit).code).toBe(0);

  const read = journal(host.layout).filter(({ event }) => event === 'recording-read');
  expect(read.map(({ what, connection }) => [what, connection])).toEqual(
    ['follow', 'text', 'export', 'export', 'replay'].map((what) => [what, id]),
  );
  expect(read[0]).toMatchObject({ by: expect.stringMatching(/^root/), reason: 'INC-1 look' });
  expect(read[4]).toMatchObject({ query: '42-later' });
});
