// The access review: an owner reads who may and who had access, signs the listing off by its digest, and the record is in the log.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { journal, testHost } from '../harness/inside.ts';
import { plain } from '../harness/refused.ts';
import { endIt, letIn, say } from '../harness/visits.ts';

let host: Host;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
const yesterday = `${dayOf(Date.now() - 86_400_000)}..${dayOf(Date.now() - 86_400_000)}`;
/** From before this run to after it, whenever midnight comes. */
const today = `${dayOf(Date.now())}..${dayOf(Date.now() + 86_400_000)}`;
const over = ['review', '--period', yesterday, '--session', 'prod-db'];

beforeAll(async () => {
  host = await testHost({ prefix: 'tgr', people: { carol: ['engineers'], dave: ['engineers'] } });
  const { alice, carol = alice } = host.people;
  const inside = await letIn(host, alice);
  await endIt(host, inside);
  await say(carol, ['sessions']); // signs in, and attaches to nothing
});
afterAll(async () => host[Symbol.asyncDispose]());

interface Listing {
  readonly session: string;
  readonly isOver: boolean;
  readonly sha256: string;
  readonly rows: readonly { readonly what: string; readonly login?: string; readonly note?: string }[];
  readonly signOffs: readonly object[];
}

async function listed(...words: readonly string[]): Promise<Listing> {
  const { code, stdout, stderr } = await host.cli([...words, '--json']);
  if (code !== 0) throw new Error(stderr);
  const [listing] = JSON.parse(stdout) as readonly Listing[];
  if (listing === undefined) throw new Error('nothing is listed');
  return listing;
}

const signOff = (sha256: string): string[] => [...over, '--looked-at', sha256, '--reason', 'two people, both needed'];

test('who had access, and who may and did not, each by whom; of a period that goes on nothing is signed off', async () => {
  const { alice, bob, carol } = host.people;
  const listing = await listed('review', '--period', today, '--session', 'prod-db');
  const person = { identity: `${alice.login}@example.com`, by: bob.login, grants: 1, times: 1 };
  expect(listing.isOver).toBe(false);
  expect(listing.rows).toContainEqual(
    expect.objectContaining({ what: 'access', login: alice.login, ...person, totalSeconds: expect.any(Number) }),
  );
  const unused = listing.rows.filter(({ what }) => what === 'unused');
  expect(unused).toMatchObject([{ login: carol?.login, by: 'engineers', note: 'never attached to this session' }]);
  const words = ['review', '--period', today, '--session', 'prod-db', '--looked-at', listing.sha256, '--reason', 'ok'];
  expect(plain((await say(bob, words)).text)).toContain('[PERIOD_NOT_OVER]');
});

test('an owner signs off what they saw: the record has the digest of the CSV, who, and how they proved it', async () => {
  const { bob } = host.people;
  const csv = await say(bob, [...over, '--csv']);
  const sha256 = createHash('sha256').update(csv.stdout).digest('hex');
  expect((await listed(...over)).sha256).toBe(sha256);
  const signed = await say(bob, signOff(sha256));
  expect(signed).toMatchObject({ code: 0, text: expect.stringContaining('Signed off:') });
  expect(journal(host.layout).findLast(({ event }) => event === 'access-reviewed')).toMatchObject({
    ...{ period: yesterday, session: 'prod-db', sha256, reason: 'two people, both needed' },
    ...{ policy: expect.stringMatching(/^[0-9a-f]{64}$/), rule: 'sessions.prod-db.approvers.groups: oncall' },
    ...{ by: { login: bob.login, claim: `${bob.login}@example.com` }, proof: { issuedAt: expect.any(Number) } },
  });
  expect((await listed(...over)).signOffs).toMatchObject([{ by: { login: bob.login }, sha256 }]);
  expect((await host.cli(['audit', 'verify'])).code).toBe(0);
});

test('nobody else signs off or reads, and nobody signs off another listing', async () => {
  const { alice, bob, mallory, dave = alice } = host.people;
  const { sha256 } = await listed(...over);
  expect(plain((await say(mallory, over)).text)).toContain('[NOT_YOURS]');
  expect(plain((await say(alice, signOff(sha256))).text)).toContain('[NOT_REVIEWER]');
  expect(plain((await say(bob, signOff('0'.repeat(64)))).text)).toContain('[LISTING_CHANGED]');
  // Somebody who may ask comes for the first time while the owner signs in.
  const terminal = bob.ssh(signOff(sha256), { tty: false });
  const [url] = await terminal.until(/http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/);
  await say(dave, ['sessions']);
  await completeSignIn(url, bob.account);
  await terminal.exit;
  expect(plain(terminal.text)).toContain('[LISTING_CHANGED]');
  expect(journal(host.layout).filter(({ event }) => event === 'access-reviewed')).toHaveLength(1);
});

test('from a journal that was changed nothing is signed off', async () => {
  const { sha256 } = await listed(...over);
  const path = `${host.root}/var/lib/tmux-gate/journal/journal.jsonl`;
  const at = readFileSync(path, 'latin1').indexOf('"event":"requested"');
  const reason = readFileSync(path, 'latin1').indexOf('"reason":"', at) + '"reason":"'.length;
  const file = openSync(path, 'r+');
  writeSync(file, 'X', reason);
  closeSync(file);
  expect(plain((await say(host.people.bob, signOff(sha256))).text)).toContain('[JOURNAL_DOUBTFUL]');
  expect((await host.cli(over)).stderr).toContain('The journal was CHANGED');
});
