// The machine sleeps over the end of a window (keeper and gate are stopped): no byte passes in either direction when it wakes.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { expectInOrder, expectNobody } from '../../harness/faults.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { enter, isAlive, testHost } from '../../harness/inside.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq' });
});
afterAll(async () => host[Symbol.asyncDispose]());

test.each([
  ['both', true],
  ['the gate alone', false],
])('law 4: %s stopped from before the end until after it', async (_, keeperToo) => {
  const inside = await enter(host, host.people.alice, { window: '10s' });
  const { terminal, gate, end } = inside;
  const typed = `/tmp/${inside.id}-typed`;
  terminal.type('while sleep 0.02; do printf "<%s>" $(date +%s%3N); done\r');
  await terminal.until(/<\d{13}>/);
  process.kill(gate.pid, 'SIGSTOP');
  if (keeperToo) host.keeper.kill('SIGSTOP');
  terminal.type(`\u0003touch ${typed}\r`);
  await eventually('it is over', () => Date.now() > end + 500);
  const before = terminal.text.length;
  if (keeperToo) host.keeper.kill('SIGCONT');
  else await eventually('the keeper killed the gate', () => !isAlive(gate.pid));
  if (isAlive(gate.pid)) process.kill(gate.pid, 'SIGCONT');
  await terminal.exit;
  expect(terminal.text.slice(before)).not.toMatch(/(?<!\[)<\d/);
  expect(existsSync(typed)).toBe(false);
  await expectNobody(host);
  await expectInOrder(host);
});
