// Signing in by a link: a whole visit and a whole review by the authorization code flow, over a real sshd and gate, and what is refused on
// the way. The part of the browser is played over HTTP.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { addressAfterSignIn, newBrowser } from '../../scripts/sandbox/browser.ts';
import { must } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { codeLink, type Person } from '../../scripts/sandbox/person.ts';
import type { Terminal } from '../../scripts/sandbox/terminal.ts';
import { journal, testHost } from '../harness/inside.ts';
import { plain } from '../harness/refused.ts';
import { putInOrder, shellPrompt } from '../harness/visits.ts';

let host: Host;
let alice: Person;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tgc',
    people: { carol: ['engineers', 'oncall'] },
    config: (config) => ({ ...config, sign_in: { lifetime: '8h', flow: 'both' } }),
  });
  ({ alice, bob } = host.people);
  carol = host.people['carol'] ?? alice;
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => putInOrder(host));

/** What belongs to a bracketed paste of a terminal. */
const paste = (text: string): string => `\u001b[200~${text}\u001b[201~\r`;
const secretOf = (address: string): string => new URL(address).searchParams.get('code') ?? '';
const lastOf = (event: string) => journal(host.layout).findLast((record) => record['event'] === event);

async function choosing(person: Person, words: readonly string[], tty = true): Promise<Terminal> {
  const terminal = person.ssh(words, { tty });
  await terminal.until('Which one? [1] ');
  terminal.type(tty ? '2\r' : '2\n');
  return terminal;
}

/** Asks for the session, signs in by a link if that is asked, and waits until the request is shown. */
async function ask(person: Person): Promise<{ terminal: Terminal; request: string; address: string }> {
  const terminal = person.ssh(['-t', 'prod-db', '--for 5m --reason INC-1 look']);
  const [, known] = await terminal.until(/Which one\? \[1\] |Request ([0-9A-Z]{6})/);
  if (known !== undefined) return { terminal, request: known, address: '' };
  terminal.type('2\r');
  const address = await person.addressFrom(terminal);
  terminal.type(paste(`${address}&session_state=${'x'.repeat(4200)}`)); // as long as providers make them
  const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})/);
  return { terminal, request, address };
}

test('a visit and its review, by a link each; the journal says by which flow, and nobody keeps the addresses', async () => {
  const visit = await ask(alice);
  expect(plain(visit.terminal.text)).toContain('it cannot connect to http://127.0.0.1:8400/. That is expected');
  expect(lastOf('sign-in')).toMatchObject({ login: alice.login, flow: 'code' });
  const review = await choosing(bob, ['-t', 'approve', visit.request]);
  const [shown] = /Reason +INC-1 look/.exec(plain(review.text)) ?? [];
  expect(shown).toBeDefined(); // the request is shown before the link
  const address = await bob.addressFrom(review);
  review.type(paste(address));
  expect((await review.ended()).code).toBe(0);
  await visit.terminal.until(shellPrompt);
  const proof = lastOf('reviewed')?.['proof'] as Readonly<Record<string, unknown>>;
  expect(proof).toMatchObject({ flow: 'code', authenticatedAt: expect.any(Number) });
  for (const [terminal, secret] of [
    [visit.terminal, secretOf(visit.address)],
    [review, secretOf(address)],
  ] as const) {
    expect(terminal.text).not.toContain(secret);
    expect(terminal.text).toMatch(/\d+ characters/);
    expect(JSON.stringify(journal(host.layout))).not.toContain(secret);
    expect(JSON.stringify(host.keeper.log)).not.toContain(secret);
  }
  const evidence = await host.cli(['evidence', visit.request, '-o', `${host.root}/e.tar`]);
  const [key = ''] = /tmux-gate\/\S+\+[0-9a-f]{8}\+\S+/.exec(evidence.stdout) ?? [];
  const verifier = `${host.root}/usr/lib/tmux-gate/evidence/verify.sh`;
  expect(await must('sh', [verifier, '--key', key, `${host.root}/e.tar`])).toContain('by the authorization code flow');
  // Bracketed paste is off again.
  expect(visit.terminal.text.lastIndexOf('\u001b[?2004l')).toBeGreaterThan(
    visit.terminal.text.lastIndexOf('Address: '),
  );
});

test('without a terminal the flow is picked and the address pasted on standard input', async () => {
  const { request } = await ask(carol);
  const review = await choosing(bob, ['deny', request, '--reason use the replica'], false);
  const address = await bob.addressFrom(review);
  const half = Math.floor(address.length / 2);
  review.type(`${address.slice(0, half)}\n${address.slice(half)}\n`); // as a terminal wraps it
  expect((await review.ended()).code).toBe(0);
  expect(review.text).toContain('stays on your screen');
  expect(lastOf('reviewed')).toMatchObject({ verdict: 'deny', proof: { flow: 'code' } });
});

test('on a plain screen nothing is redrawn, and no control sequence is sent', async () => {
  const { request } = await ask(carol);
  const review = await choosing(bob, ['-t', 'deny', request, '--plain --reason use the replica']);
  review.type(`${await bob.addressFrom(review)}\r`);
  expect((await review.ended()).code).toBe(0);
  expect(review.text).toMatch(/Address: \d+ characters\r+\n/);
  expect(review.text).not.toContain('\u001b[?2004h');
});

test('with standard input closed from the beginning it is the device flow', async () => {
  const { request } = await ask(carol);
  const review = bob.ssh(['deny', request, '--reason no'], { tty: false });
  review.endInput();
  await bob.signInFrom(review);
  expect((await review.ended()).code).toBe(0);
  expect(lastOf('reviewed')?.['proof']).not.toHaveProperty('flow');
});

describe('refused, each with its own sentence, and another try', () => {
  test('what is no address of this sign-in; then the right one', async () => {
    const { request } = await ask(carol);
    const other = await choosing(bob, ['-t', 'approve', request]);
    const ofOther = await bob.addressFrom(other);
    const review = await choosing(bob, ['-t', 'approve', request]);
    const own = await bob.addressFrom(review);
    for (const [text, sentence] of [
      [secretOf(own), 'A code without its address is refused'],
      [own.replace(/&?state=[^&]*/, ''), 'A code without its address is refused'],
      [ofOther, 'belongs to another sign-in'],
      [own.replace(/state=[^&]*/, 'state=forged'), 'does not belong to this sign-in'],
    ] as const) {
      review.type(paste(text));
      await review.until(sentence);
      await review.until('Address: ');
    }
    review.type(paste(own));
    expect((await review.ended()).code).toBe(0);
    // Replayed where another sign-in waits: used once, used up.
    other.type(paste(own));
    await other.until('works only once');
    other.type('\u0003');
    expect((await other.ended()).code).toBe(130);
  });

  test('denied at the provider', async () => {
    const { request } = await ask(carol);
    const review = await choosing(bob, ['-t', 'approve', request]);
    review.type(paste(await bob.addressFrom(review, { deny: true })));
    await review.ended();
    expect(plain(review.text)).toContain('[SIGN_IN_DENIED]');
  });

  test('law 2: another person’s address, completed at the link of this sign-in', async () => {
    const { request } = await ask(carol);
    const review = await choosing(bob, ['-t', 'approve', request]);
    const [link] = await review.until(codeLink);
    review.type(paste(await addressAfterSignIn(link, alice.account)));
    await review.ended();
    expect(plain(review.text)).toContain('[NOT_THIS_LOGIN]');
  });

  test('a review with a session of before: whoever takes the fresh sign-in out of the link', async () => {
    const { request } = await ask(carol);
    const browser = newBrowser();
    const first = await choosing(bob, ['-t', 'approve', request]);
    await bob.addressFrom(first, {}, browser);
    first.type('\u0003');
    await first.ended();
    const review = await choosing(bob, ['-t', 'approve', request]);
    const [link] = await review.until(codeLink);
    const lenient = new URL(link);
    for (const name of ['max_age', 'prompt']) lenient.searchParams.delete(name);
    review.type(paste(await addressAfterSignIn(lenient.href, bob.account, {}, browser)));
    await review.ended();
    expect(plain(review.text)).toContain('[SIGN_IN_STALE]');
  });

  test('standard input that is closed before an address came', async () => {
    const { request } = await ask(carol);
    const review = await choosing(bob, ['approve', request], false);
    await review.until('Address: ');
    review.endInput();
    await review.ended();
    expect(plain(review.text)).toContain('[ADDRESS_NEEDED]');
  });
});
