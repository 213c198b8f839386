// The keeper is killed (kill -9) beside the record of a lock: the next one finishes what was begun. Laws 5 and 7.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { repo } from '../../../scripts/sandbox/layout.ts';
import { expectNobody, fallAt, falling, type Fall } from '../../harness/faults.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { connections, journal, place, testHost } from '../../harness/inside.ts';
import { mutantOf } from '../../harness/mutate.ts';
import { plain } from '../../harness/refused.ts';
import { requestAccess, letIn, putInOrder } from '../../harness/visits.ts';

let host: Host;
const login = `${place('tgl')}-alice`;
const mutant = mutantOf(process.env['TMUX_GATE_DIST'] ?? join(repo, 'dist'), falling);

beforeAll(async () => {
  host = await testHost({ prefix: 'tgl', dist: mutant.dist });
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  mutant[Symbol.dispose]();
});
afterEach(async () => {
  if (host.keeper.pid === undefined) await host.keeper.start();
  await putInOrder(host);
  await host.cli(['unlock', login]);
});

test.each<Fall>(['before locked', 'after locked', 'before revoked', 'before disconnected'])(
  'at a lock, %s: who is locked is out after the restart, written down once, and under the old grant nobody comes back',
  async (where) => {
    const inside = await letIn(host, host.people.alice);
    const from = journal(host.layout).length;
    {
      using wished = fallAt(host.layout, where);
      expect(wished).toBeDefined();
      expect(await host.cli(['lock', login, '--reason', 'laptop'])).toMatchObject({ code: 69 });
      await host.keeper.exit;
    }
    await host.keeper.start();
    await inside.terminal.exit;
    await expectNobody(host);
    expect(connections(host.layout)).toEqual([]);
    const locked = (): number =>
      journal(host.layout)
        .slice(from)
        .filter(({ event }) => event === 'locked').length;
    await eventually('the lock is written down', () => locked() > 0);
    await host.keeper.stop();
    await host.keeper.start();
    expect(locked()).toBe(1);
    await host.cli(['unlock', login]);
    expect(plain((await requestAccess(host.people.alice)).terminal.text)).toContain('Waiting for approval');
  },
  60_000,
);
