// A recording is followed while it is live, by root and by an auditor over ssh, listed, replayed, printed as text and exported; and each reading is journaled by name.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { account } from '../../scripts/sandbox/accounts.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { connections, journal, testHost } from '../harness/inside.ts';
import { onScreen } from '../harness/dashboard.ts';
import { endIt, letIn, rows, signInWhenAsked } from '../harness/visits.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tgs',
    people: { carol: ['audit'], dave: ['oncall'] },
    config: (config) => ({ ...config, auditors: { groups: ['audit'] } }),
  });
});
afterAll(async () => host[Symbol.asyncDispose]());

const onTerminal = (...words: readonly string[]): Terminal => new Terminal(`${host.layout.lib}/tmux-gate`, words);

async function listed(id: string): Promise<unknown> {
  const all = JSON.parse((await host.cli(['recordings', '--json'])).stdout) as { id: string }[];
  return all.find((one) => one.id === id);
}

test('an auditor follows over ssh: told before the attach, journaled before the first picture, and no key of theirs arrives', async () => {
  const { alice, carol = alice, dave = alice } = host.people;
  const mine = await letIn(host, alice);
  expect(mine.terminal.text).toContain('Auditors may follow your screen live: audit.');
  const { id = '' } = connections(host.layout)[0] ?? {};
  mine.terminal.type('echo "$((6*7))-seen"\r');
  await mine.terminal.until('42-seen');

  const asks = (person: Person, reason: string): Terminal => {
    const terminal = person.ssh(['-t', 'replay', id, `--follow --reason ${reason}`], { rows: 24, cols: 60 });
    void signInWhenAsked(terminal, person);
    return terminal;
  };
  const refused = asks(dave, 'curious');
  await refused.until('[NOT_AUDITOR]');
  expect((await refused.exit).code).toBe(77);

  const hers = asks(carol, 'INC-2 audit');
  await hers.until('42-seen');
  expect(journal(host.layout).filter(({ event }) => event === 'recording-read')).toEqual([
    expect.objectContaining({
      ...{ what: 'follow', connection: id, reason: 'INC-2 audit', by: expect.stringContaining(carol.login) },
      rule: 'sessions.prod-db.auditors.groups: audit',
    }),
  ]);
  expect((await rows(carol, 'connections')).map((row) => row['id'])).toEqual([id]);
  expect(await hers.modes()).toMatchObject({ alternateScreen: true });
  hers.type('touch ~/typed-by-an-auditor\r\u0002d\u001b[A\r');
  hers.resize(100, 30);
  mine.terminal.type(
    "printf '\\033]52;c;eA==\\007\\033]2;root\\007%s-later\\n' $((6*7)); ls ~/typed* 2>/dev/null | wc -l\r",
  );
  await hers.until('42-later');
  await onScreen(hers, /42-later\s+0\s/);
  expect(hers.text).not.toMatch(/\u001b\]|typed-by-an-auditor/);
  expect(mine.terminal.text).not.toContain('typed-by-an-auditor');

  await endIt(host, mine);
  await hers.until(`The connection ${id} has ended.`);
  expect((await hers.exit).code).toBe(0);
  expect(await hers.modes()).toMatchObject({ alternateScreen: false });
  const late = asks(carol, 'INC-2 audit');
  await late.until('[NOT_FOLLOWED]');
});

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

  const read = journal(host.layout).filter(({ event, connection: of }) => event === 'recording-read' && of === id);
  expect(read.map(({ what, connection }) => [what, connection])).toEqual(
    ['follow', 'text', 'export', 'export', 'replay'].map((what) => [what, id]),
  );
  expect(read[0]).toMatchObject({ by: expect.stringMatching(/^root/), reason: 'INC-1 look' });
  expect(read[4]).toMatchObject({ query: '42-later' });
});

test('whatever reads it, the journal has the login behind sudo and the reason; a reason that is not given is none', async () => {
  const { alice, carol = alice } = host.people;
  const mine = await letIn(host, alice);
  const { id = '' } = connections(host.layout)[0] ?? {};
  mine.terminal.type('echo "$((6*7))-read"\r');
  await mine.terminal.until('42-read');
  await endIt(host, mine);

  const before = journal(host.layout).length;
  const ways: readonly (readonly [what: string, words: readonly string[], more: object])[] = [
    ['replay', ['replay', id], { connection: id }],
    ['text', ['replay', id, '--text'], { connection: id }],
    ['find', ['find', '42-read'], { query: '42-read' }],
    ['export', ['export', id, '--cast', '-o', `${host.root}/read.cast`], { connection: id }],
    ['evidence', ['evidence', id, '-o', `${host.root}/read.tar`], { query: id }],
    ['export', ['audit', 'export', '--format', 'csv'], { query: 'csv' }],
  ];
  // The kernel keeps who logged in, as PAM sets it; sudo does not change it.
  const { uid } = account(carol.login);
  for (const [, words] of ways) {
    const command = ['sudo', '-n', `${host.layout.lib}/tmux-gate`, ...words, '--reason', `INC-9 ${words[0] ?? ''}`];
    const line = `echo ${String(uid)} > /proc/self/loginuid; exec "$@"`;
    await using hers = new Terminal('/bin/sh', ['-c', line, 'sh', ...command], {
      env: { PATH: '/usr/sbin:/usr/bin:/bin' },
    });
    if (words.length === 2 && words[0] === 'replay') {
      await hers.until(id);
      hers.type('q');
    }
    expect([words, (await hers.ended()).code]).toEqual([words, 0]);
  }
  expect((await host.cli(['replay', id, '--text'])).code).toBe(0);
  const read = journal(host.layout)
    .slice(before)
    .filter(({ event }) => event === 'recording-read');
  expect(read).toMatchObject([
    ...ways.map(([what, words, more]) => ({
      ...{ what, by: `root (${carol.login})`, reason: `INC-9 ${words[0] ?? ''}` },
      ...more,
    })),
    { what: 'text', by: 'root' },
  ]);
  expect(read.at(-1)).not.toHaveProperty('reason');
});
