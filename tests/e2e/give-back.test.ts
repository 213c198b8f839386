// Whoever is done ends their own grant early; nobody gives back what is another's.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import { connections, journal, testHost } from '../harness/inside.ts';
import { plain } from '../harness/refused.ts';
import { letIn, putInOrder, say } from '../harness/visits.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgk', people: { carol: ['engineers'] } });
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => putInOrder(host));

test('from a second terminal: the connection ends, the grant is gone, and the session goes with its last grant', async () => {
  const { alice } = host.people;
  const mine = await letIn(host, alice);
  const done = await say(alice, ['give-back']);
  expect(done).toMatchObject({ code: 0, text: expect.stringContaining('Gave back') });
  expect((await mine.terminal.exit).code).toBe(77);
  expect(plain(mine.terminal.text)).toContain('given back');
  expect(connections(host.layout)).toEqual([]);
  expect(journal(host.layout).map(({ event }) => event)).toContain('revoked');
  expect((await say(alice, ['give-back'])).text).toContain('There is no live grant of yours. [NO_SUCH_GRANT]');
});

test("law 5: another's grant is not theirs to give", async () => {
  const mine = await letIn(host, host.people.alice);
  expect((await say(host.people['carol']!, ['give-back', mine.request])).text).toContain('[NO_SUCH_GRANT]');
  mine.terminal.type('echo "$((6*7))-still"\r');
  await mine.terminal.until('42-still');
});
