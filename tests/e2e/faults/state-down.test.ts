// Root's state cannot be written: the disk under it is full or read-only. An approved visit is refused by a code that says so.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { must } from '../../../scripts/sandbox/exec.ts';
import { expectCode, expectInOrder, smallDisk } from '../../harness/faults.ts';
import { approve, ask, testHost } from '../../harness/inside.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq' });
});
afterAll(async () => host[Symbol.asyncDispose]());

test('law 1: a full or read-only disk under the connections refuses an approved visit with DISK_DOWN, until it can be written again', async () => {
  const { terminal, request } = await ask(host, host.people.alice);
  const folder = `${host.layout.run}/c`;
  {
    await using disk = await smallDisk(folder, '1m');
    disk.fill();
    await approve(host.people.bob, request);
    expectCode({ code: (await terminal.exit).code, text: terminal.text }, 'DISK_DOWN', 69);
    disk.free();
    await must('mount', ['-o', 'remount,ro', folder]);
    const again = host.people.alice.ssh(['-t', 'prod-db']);
    expectCode({ code: (await again.exit).code, text: again.text }, 'DISK_DOWN', 69);
  }
  expect(host.webhook.notices.some((notice) => JSON.stringify(notice).includes('DISK_DOWN'))).toBe(true);
  expect(await host.cli(['revoke', request])).toMatchObject({ code: 0 });
  await expectInOrder(host);
});
