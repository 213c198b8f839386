// Two hosts, one Redis: a request of one, reviewed at the other (laws 5 and 8).
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Host } from '../../scripts/sandbox/host.ts';
import { connectionEnds } from '../../src/core/messages/ends.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { openFleetOnRedis, say } from '../harness/fleet.ts';
import { rootRuns } from '../harness/inside.ts';
import { requestAccess, shellPrompt } from '../harness/visits.ts';

const run = promisify(execFile);
let near: Host;
let far: Host;
const made = new AsyncDisposableStack();

beforeAll(async () => {
  ({ near, far } = made.use(await openFleetOnRedis(['tgx', 'tgy'])));
}, 60_000);

afterAll(async () => made.disposeAsync(), 60_000);

interface ToldEvidence {
  readonly over: boolean;
  readonly notes: readonly string[];
  readonly hostKey: string;
  readonly witnesses: readonly string[];
}

/** The installed script, on an archive. */
const verify = async (file: string, ...words: readonly string[]) =>
  run('sh', [`${near.root}/usr/lib/tmux-gate/evidence/verify.sh`, ...words, file]).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: unknown) => error as { readonly code: number; readonly stdout: string },
  );

describe('a fleet', () => {
  test('law 8: an approval made at one host opens the other, and a revocation there is confirmed here', async () => {
    const { alice } = near.people;
    const { terminal, request } = await requestAccess(alice);
    const approved = await say(far.people.bob, ['approve', request], near.people.bob);
    expect(approved.text).toContain(`Your review of ${request} was sent to box-near, which decides.`);
    await terminal.until(shellPrompt);
    const revoked = await say(far.people.bob, ['revoke', request], near.people.bob);
    expect(revoked.stdout).toMatch(/box-near: confirmed/);
    const { code } = await terminal.exit;
    expect(code).toBe(77);
    expect(terminal.text).toContain('was revoked by another host');
  });

  test('evidence of an access is verified with the key of the other host, which has cosigned it, and with no other key of a witness', async () => {
    const file = `${near.root}/e.tar`;
    const { terminal, request } = await requestAccess(near.people.alice);
    await say(far.people.bob, ['approve', request], near.people.bob);
    await terminal.until(shellPrompt);
    await say(near.people.alice, ['give-back']);
    await terminal.exit;
    const told = await eventually('the other host has cosigned all of it', async () => {
      rmSync(file, { force: true });
      const told = JSON.parse(await rootRuns(near, 'evidence', request, '-o', file, '--json')) as ToldEvidence;
      return told.over && told.notes.length === 0 && told.witnesses.length === 1 ? told : undefined;
    });
    const [own, cosigner, stranger] = await Promise.all([
      rootRuns(near, 'audit', 'key'),
      rootRuns(far, 'audit', 'key', '--witness'),
      rootRuns(near, 'audit', 'key', '--witness'),
    ]);
    const key = ['--key', own.trim()];
    expect([told.hostKey, told.witnesses]).toEqual([own.trim(), [cosigner.trim()]]);
    const { code, stdout } = await verify(file, ...key, '--witness', cosigner.trim());
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/\n {2}ok {4}witness +tmux-gate\/box-far saw this log on \S+ \S+ UTC\n/),
    ]);
    expect(stdout).toMatch(/note +approval +\S+ approved on box-far: that review is in the journal there\./);
    expect(stdout).toMatch(/\nVERIFIED\. Notes: \d+\.\n$/);
    expect(stdout).not.toContain('no witness');
    const other = await verify(file, ...key, '--witness', stranger.trim());
    expect([other.code, other.stdout]).toEqual([
      1,
      expect.stringContaining('not signed by tmux-gate/box-near, whose key you gave'),
    ]);
    expect(await near.cli(['audit', 'verify', '--witness'])).toMatchObject({ code: 64, stdout: '' });
  });

  test('law 3: nobody approves their own request from another host, under another login', async () => {
    const { terminal, request } = await requestAccess(near.people.alice);
    const own = await say(far.people.alice, ['approve', request], near.people.alice);
    expect(own.text).toContain('[SELF_REVIEW]');
    expect(own.code).toBe(77);
    terminal.type('q');
    await terminal.exit;
  });

  test('law 8: the target host judges: a review by somebody who may not approve opens nothing', async () => {
    const { terminal, request } = await requestAccess(near.people.alice);
    await say(far.people.mallory, ['approve', request], near.people.mallory);
    const pending = await say(near.people.bob, ['requests', '--json']);
    expect(pending.stdout).toContain(request);
    expect(terminal.text).not.toMatch(shellPrompt);
    terminal.type('q');
    await terminal.exit;
  });

  test('a request of another host is shown to those whom the policy names, and to nobody else', async () => {
    const { terminal, request } = await requestAccess(near.people.alice);
    const reviewer = await say(far.people.bob, ['requests', '--json'], near.people.bob);
    expect(reviewer.stdout).toContain(request);
    const owner = await say(far.people.alice, ['requests', '--json'], near.people.alice);
    expect(owner.stdout).toContain(request);
    const outsider = await say(far.people.mallory, ['requests', '--json'], near.people.mallory);
    expect({ code: outsider.code, stdout: outsider.stdout }).toEqual({ code: 0, stdout: '[]\n' });
    terminal.type('q');
    await terminal.exit;
  });

  test('law 5: a host that does not answer is named as NOT CONFIRMED, and its connection ends when its keeper is back', async () => {
    const { terminal, request } = await requestAccess(near.people.alice);
    await say(near.people.bob, ['approve', request]);
    await terminal.until(shellPrompt);
    near.keeper.kill('SIGKILL');
    const revoked = await say(far.people.bob, ['revoke', request], near.people.bob);
    expect(revoked.stdout).toContain('NOT CONFIRMED');
    await near.keeper.start();
    const { code } = await terminal.exit;
    expect(code).toBe(255); // by a start, before the gate reports back: it is killed
    expect((await eventsOf(near, 'disconnected')).at(-1)).toMatchObject({ why: connectionEnds.grantGone });
  });

  test('law 5: a lock made at one host ends the login on the other, also on one that was down', async () => {
    const { alice } = near.people;
    const first = await requestAccess(alice);
    await say(near.people.bob, ['approve', first.request]);
    await first.terminal.until(shellPrompt);
    const locked = await say(far.people.bob, ['lock', alice.login, '--reason', 'gone'], near.people.bob);
    expect(locked.stdout).toMatch(/box-far: confirmed\. Ended here: [^\n]+\n\s*box-near: confirmed\./);
    expect((await first.terminal.exit).code).toBe(77);
    expect((await say(near.people.bob, ['unlock', alice.login])).stdout).toMatch(
      /box-near: confirmed\.\s+box-far: confirmed/,
    );
    const second = await requestAccess(alice);
    near.keeper.kill('SIGKILL');
    const late = await say(far.people.bob, ['lock', alice.login, '--reason', 'gone'], near.people.bob);
    expect(late.stdout).toContain('box-near: NOT CONFIRMED');
    await near.keeper.start();
    await eventually('the lock is known here', async () =>
      (await near.cli(['locks', '--json'])).stdout.includes(alice.login),
    );
    expect((await say(alice, ['whoami'])).text).toContain('gone. [LOCKED]');
    expect((await second.terminal.exit).code).toBe(77); // it came back to its keeper, and was told
  });
});

interface StatusOfWitness {
  readonly witness: {
    readonly records: number;
    readonly witnesses: readonly { readonly name: string; readonly cosigned: number }[];
    readonly forks: readonly { readonly host: string; readonly cosigned: number }[];
  };
}

const witnessOf = async (host: Host): Promise<StatusOfWitness['witness']> =>
  (JSON.parse((await host.cli(['status', '--json'])).stdout) as StatusOfWitness).witness;
const eventsOf = async (host: Host, name: string): Promise<readonly Record<string, unknown>[]> =>
  (await host.cli(['audit', 'show', '--json'])).stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === name);

/** Copies what the host knows of its own journal: what a backup has, or what root puts back. */
function copyJournal(from: string, to: string): void {
  for (const name of ['journal', 'journal-anchor.json', 'witnesses.json']) {
    rmSync(`${to}/${name}`, { recursive: true, force: true });
    cpSync(`${from}/${name}`, `${to}/${name}`, { recursive: true, preserveTimestamps: true });
  }
}

describe('the journals of a fleet', () => {
  test('are cosigned by the other host; one that is rolled back is named there, and accepted with a reason', async () => {
    const state = `${near.root}/var/lib/tmux-gate`;
    const backup = mkdtempSync('/opt/tmux-gate-backup-');
    made.defer(() => rmSync(backup, { recursive: true, force: true }));
    await eventually('the far host has cosigned', async () => (await witnessOf(near)).witnesses[0]?.cosigned !== 0);
    await near.keeper.stop();
    copyJournal(state, backup);
    await near.keeper.start();
    for (const command of ['frobnicate', 'approve ZZZZZZ', 'deny ZZZZZZ --reason no', 'git-upload-pack x'])
      await near.people.alice.run([command]);
    const before = (await near.cli(['audit', 'verify', '--json'])).stdout;
    const { records } = JSON.parse(before) as { readonly records: number };
    await eventually('what is new is cosigned', async () => {
      const { witnesses } = await witnessOf(near);
      return (witnesses[0]?.cosigned ?? 0) >= records;
    });
    expect((await near.cli(['status'])).stdout).toMatch(/witness +ok +tmux-gate\/box-far cosigned \d+ of \d+ records/);
    expect((await near.cli(['audit', 'verify'])).stdout).toMatch(
      /Cosigned up to record \d+ of \d+ \(tmux-gate\/box-far, /,
    );
    const notes = (await far.cli(['audit', 'witnessed', 'box-near'])).stdout;
    expect(notes).toMatch(/^tmux-gate\/box-near\n\d+\n/);
    expect(notes).toContain('\u2014 tmux-gate/box-far ');

    await near.keeper.stop();
    copyJournal(backup, state);
    await near.keeper.start();
    await eventually('the far host sees the fork', async () => (await witnessOf(far)).forks.length === 1);
    const [seen] = await eventsOf(far, 'fork-seen');
    expect(seen).toMatchObject({ log: 'box-near', problem: 'smaller' });
    const status = await far.cli(['status']);
    expect([status.code, status.stdout]).toEqual([69, expect.stringContaining('FORK in the journal of box-near')]);
    await eventually('the near host is told', async () => (await eventsOf(near, 'witness-contradicts')).length === 1);

    const listed = await far.cli(['audit', 'witnessed']);
    expect([listed.code, listed.stdout]).toEqual([
      65,
      expect.stringMatching(/^box-near {2}FORK since .*cut or rolled back\n/),
    ]);
    expect((await far.cli(['audit', 'witnessed', 'box-near', '--accept'])).code).toBe(64);
    const accepted = await far.cli(['audit', 'witnessed', 'box-near', '--accept', '--reason', 'restored']);
    expect(accepted.code).toBe(0);
    await eventually('it is cosigned again', async () => {
      await near.people.alice.run(['frobnicate']);
      return (await witnessOf(far)).forks.length === 0 && (await eventsOf(far, 'fork-accepted')).length === 1;
    });
  });
});
