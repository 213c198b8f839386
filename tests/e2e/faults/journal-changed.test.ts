// A journal that is not as this host left it (laws 1 and 7): the keeper comes up, opens nothing, says so everywhere, and goes on only
// once root has accepted it with a reason.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { answers, expectCode, killKeeper } from '../../harness/faults.ts';
import { enter, testHost } from '../../harness/inside.ts';
import { seenOn } from '../../harness/refused.ts';
import { say } from '../../harness/visits.ts';

let host: Host;
let folder: string;
let file: string;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgv' });
  folder = `${host.root}/var/lib/tmux-gate/journal`;
  file = `${folder}/journal.jsonl`;
  await say(host.people.alice, ['sessions']); // signed in
});
afterAll(async () => host[Symbol.asyncDispose]());

const arrive = async () => seenOn(host.people.alice.ssh(['-t', 'prod-db', '--for 5m --reason INC-1 look']));

/** A record that chains on as ours do, by somebody who has not our keys. */
function forge(): void {
  const last = readFileSync(file, 'latin1').trimEnd().split('\n').at(-1) ?? '';
  const { n, host: name } = JSON.parse(last) as { n: number; host: string };
  const prev = createHash('sha256').update(last).digest('hex');
  const record = { n: n + 1, prev, at: new Date().toISOString(), host: name, event: 'reviewed', verdict: 'approve' };
  appendFileSync(file, `${JSON.stringify(record)}\n`);
}

async function expectShut(): Promise<void> {
  const bytes = readFileSync(file, 'latin1');
  expectCode(await arrive(), 'JOURNAL_CHANGED', 69);
  const { code, stdout } = await host.cli(['status']);
  expect({ code, stdout }).toMatchObject({
    code: 69,
    stdout: expect.stringMatching(/^journal +DOWN +JOURNAL_CHANGED$/m),
  });
  const verified = await host.cli(['audit', 'verify']);
  expect(verified).toMatchObject({ code: 65, stdout: expect.stringMatching(/^The journal was CHANGED/) });
  const doctor = await host.cli(['doctor', '--only', 'host-journal']);
  expect(doctor.stdout).toContain('is not where its keeper left it');
  expect(readFileSync(file, 'latin1')).toBe(bytes);
}

async function accept(reason: string): Promise<void> {
  await host.keeper.stop();
  const bare = await host.cli(['audit', 'accept']);
  expect(bare).toMatchObject({ code: 64, stderr: expect.stringContaining('hint: tmux-gate audit accept --reason') });
  const { code, stdout } = await host.cli(['audit', 'accept', '--reason', reason]);
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('systemctl restart tmux-gate') });
  await host.keeper.start();
  await eventually('sshd and sudo were looked at', async () => (await host.cli(['status'])).code === 0);
  expect(await host.cli(['status'])).toMatchObject({ code: 0 });
  const verified = await host.cli(['audit', 'verify']);
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining(`accepted by root: ${reason}`) });
}

test('a record that somebody chained on while no keeper ran is never signed: shut, told, and who is in stays', async () => {
  const inside = await enter(host, host.people.alice);
  await killKeeper(host);
  forge();
  await host.keeper.start();
  await answers(inside, 'alive');
  const bytes = readFileSync(file, 'latin1');
  expectCode(await seenOn(host.people.alice.ssh(['-t', 'prod-db'])), 'JOURNAL_CHANGED', 69);
  expect((await host.cli(['audit', 'verify'])).stdout).toContain('was not written by this host');
  expect(host.keeper.log).toContainEqual(expect.objectContaining({ event: 'journal-changed' }));
  await host.webhook.next((body) => (body as { why?: string }).why === 'JOURNAL_CHANGED');
  expect(readFileSync(file, 'latin1')).toBe(bytes);
  // Law 5: a revocation bites all the same.
  expect((await host.cli(['revoke', inside.grant])).stderr).toContain('[JOURNAL_CHANGED]');
  expect(await inside.terminal.exit).toMatchObject({ code: 77 });
});

test('root accepts it with a reason: it goes on, and says so for ever', async () => {
  await accept('restored after a disk fault');
  const inside = await enter(host, host.people.alice);
  await host.cli(['revoke', inside.grant]);
  await inside.terminal.exit;
  // An access review of these days shows it, and one of other days is signed off as before.
  const [today, yesterday] = [0, 1].map((days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10));
  const review = (day = ''): string[] => ['review', '--period', `${day}..${day}`, '--session', 'prod-db'];
  expect((await host.cli(review(today))).stdout).toContain('root accepted it: restored after a disk fault');
  const [listing] = JSON.parse((await host.cli([...review(yesterday), '--json'])).stdout) as { sha256: string }[];
  const words = [...review(yesterday), '--looked-at', listing?.sha256 ?? '', '--reason', 'nobody was here'];
  expect((await say(host.people.bob, words)).text).toContain('Signed off: ');
});

test('a rollback of the whole folder is no journal of ours', async () => {
  await host.keeper.stop();
  cpSync(folder, `${folder}.old`, { recursive: true });
  await host.keeper.start();
  await say(host.people.bob, ['sessions']);
  await host.keeper.stop();
  rmSync(folder, { recursive: true });
  cpSync(`${folder}.old`, folder, { recursive: true });
  await host.keeper.start();
  await expectShut();
  await accept('rolled back by a backup');
});

test('a hole in the middle cannot be accepted; root is told to move the journal aside, and can go on then', async () => {
  await host.keeper.stop();
  const all = readFileSync(file, 'latin1').split('\n');
  writeFileSync(file, [...all.slice(0, 4), ...all.slice(6)].join('\n'), 'latin1');
  await host.keeper.start();
  expectCode(await arrive(), 'JOURNAL_CHANGED', 69);
  expect(await host.cli(['audit', 'verify'])).toMatchObject({ code: 65 });
  await host.keeper.stop();
  expect(await host.cli(['audit', 'accept', '--reason', 'lines are missing'])).toMatchObject({
    code: 65,
    stderr: expect.stringMatching(
      /line 5 of the journal is not record 5: .*\nhint: .* mv (.*)\/journal \1\/journal\.changed; then accept again/,
    ),
  });
  renameSync(folder, `${folder}.changed`);
  await accept('lines were missing, the journal is kept aside');
});

test('an emptied folder is no first start', async () => {
  await host.keeper.stop();
  for (const name of readdirSync(folder)) rmSync(`${folder}/${name}`, { recursive: true });
  expect(await host.cli(['audit', 'verify'])).toMatchObject({ code: 65 });
  await host.keeper.start();
  expectCode(await arrive(), 'JOURNAL_CHANGED', 69);
  expect(readdirSync(folder).filter((name) => name !== 'lock')).toEqual([]);
  await accept('a new disk');
});
