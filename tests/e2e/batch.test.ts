// One request for several hosts: asked for at one, reviewed as one at another, granted by each (docs/design.md, "Requests and reviews").
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyFileSync, readFileSync } from 'node:fs';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import type { Terminal } from '../../scripts/sandbox/terminal.ts';
import { connectionEnds } from '../../src/core/messages/ends.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { openFleetOnRedis, say } from '../harness/fleet.ts';
import { journal } from '../harness/inside.ts';
import { shellPrompt, signInWhenAsked } from '../harness/visits.ts';

let near: Host;
let far: Host;
const made = new AsyncDisposableStack();

beforeAll(async () => {
  ({ near, far } = made.use(await openFleetOnRedis(['tgi', 'tgj'], { erin: ['oncall'] })));
  shareKey(near.people.alice, far.people.alice);
}, 60_000);
afterAll(async () => made.disposeAsync(), 60_000);

/** One person has one key on every host. */
function shareKey(from: Person, to: Person): void {
  copyFileSync(from.keyFile, to.keyFile);
  copyFileSync(`${from.keyFile}.pub`, `${to.keyFile}.pub`);
  writeExact(`${far.layout.keys}/${to.login}`, readFileSync(`${from.keyFile}.pub`, 'utf8'), 0o644);
}

interface Asked {
  readonly terminal: Terminal;
  readonly batch: string;
}

/** Alice asks at box-near, and waits. */
async function ask(words: readonly string[], tty = false): Promise<Asked> {
  const { alice } = near.people;
  const terminal = alice.ssh([...(tty ? ['-t'] : []), 'request', ...words], { tty });
  const waits = terminal.until(/ssh box-near approve ([0-9A-Z]{6})/);
  void signInWhenAsked(terminal, alice);
  const [, batch = ''] = await waits;
  return { terminal, batch };
}

const both = ['prod-db@box-*', '--for', '10m', '--reason', 'INC-7 rotate the logs'];
const bob = async (at: Host, words: readonly string[]): ReturnType<typeof say> =>
  say(at.people.bob, words, near.people.bob);
const hosts = (): readonly (readonly [string, Host])[] => [
  ['box-near', near],
  ['box-far', far],
];
const events = (host: Host, name: string): readonly Record<string, unknown>[] =>
  journal(host.layout).filter(({ event }) => event === name);
/** A host that does not answer within five seconds is left out; on a busy machine it is asked again. */
const ofFleetAt = async (at: Host, ...words: readonly string[]): Promise<string> =>
  eventually('every host answers', async () => {
    const { stdout, text } = await bob(at, words);
    return text.includes('No answer from') ? undefined : stdout;
  });
const ofFleet = async (...words: readonly string[]): Promise<string> => ofFleetAt(near, ...words);
const revoke = async (batch: string): Promise<unknown> => near.cli(['revoke', batch]);
const enter = (person: Person): Terminal => person.ssh(['-t', 'prod-db']);

describe('a request for several hosts', () => {
  test('is one for its approver, and one sign-in opens all of them; then ssh simply opens', async () => {
    const { terminal, batch } = await ask(both);
    expect(terminal.text).toContain(`Request ${batch} for 2 hosts`);
    for (const [name, host] of hosts())
      expect(terminal.text).toMatch(
        new RegExp(`Session +prod-db on ${name}, as ${host.layout.sessionAccount}( \\(there: .*\\))?, for 10m`),
      );
    const waiting = JSON.parse((await bob(far, ['requests', '--json'])).stdout) as Record<string, unknown>[];
    expect(waiting).toEqual([
      expect.objectContaining({ id: batch, host: 'box-far,box-near', hosts: ['box-far', 'box-near'] }),
    ]);
    const approved = await bob(far, ['approve', batch]);
    expect(approved.text).toContain(`You are about to APPROVE request ${batch} for 2 hosts`);
    expect(approved.text).toContain('INC-7 rotate the logs');
    expect(approved.stdout).toContain(`Your review of ${batch} was sent to box-near, which decides.`);
    expect(approved.stdout).toMatch(/box-far: Approved [0-9A-Z]{6}: /);
    const { code } = await terminal.exit;
    expect(code).toBe(0);
    const late = await say(near.people.alice, ['withdraw', batch]);
    expect([late.code, late.text]).toEqual([65, expect.stringContaining('[REQUEST_OVER]')]);
    for (const [name, host] of hosts()) {
      expect(terminal.stdout).toMatch(new RegExp(`Approved on [^\\n]*${name}[^\\n]* until [^\\n]+, by \\S+bob\\.`));
      expect(events(host, 'granted').at(-1)).toMatchObject({ batch, reason: 'INC-7 rotate the logs' });
      const visit = enter(host.people.alice);
      await visit.until(shellPrompt);
      expect(visit.text).not.toContain('Open  http');
      visit.type('exit\r');
      await visit.exit;
    }
    expect(events(far, 'sign-in-taken-over').at(-1)).toMatchObject({ from: 'box-near', batch });
    const all = JSON.parse(await ofFleet('grants', '--fleet', '--json')) as {
      host: string;
      batch: string;
    }[];
    expect(all.map((grant) => [grant.host, grant.batch]).sort()).toEqual([
      ['box-far', batch],
      ['box-near', batch],
    ]);
    const revoked = await bob(near, ['revoke', batch]);
    for (const [name, host] of hosts())
      expect(revoked.stdout).toContain(`${name}: revoked ${host.people.alice.login} for prod-db; confirmed.`);
    expect(JSON.parse(await ofFleet('grants', '--fleet', '--json'))).toEqual([]);
  });

  test('two approvers on two hosts at once make one grant on each host', async () => {
    const { terminal, batch } = await ask(both);
    const erin = near.people['erin'] ?? near.people.alice;
    await Promise.all([bob(far, ['approve', batch]), say(erin, ['approve', batch])]);
    expect((await terminal.exit).code).toBe(0);
    for (const [, host] of hosts()) {
      expect(events(host, 'granted').filter((one) => one['batch'] === batch)).toHaveLength(1);
    }
    await revoke(batch);
  });

  test('law 3: nobody approves their own, on whatever host', async () => {
    const { terminal, batch } = await ask(both, true);
    const own = await say(far.people.alice, ['approve', batch], near.people.alice);
    expect(own.text).toContain('[SELF_REVIEW]');
    terminal.type('q');
    await terminal.exit;
  });

  test('names the hosts that refuse it, and why; the others open', async () => {
    const before = far.config;
    far.writeConfig(renamed(before, 'prod-db'));
    expect((await far.cli(['reload'])).code).toBe(0);
    const { terminal, batch } = await ask(both);
    expect(terminal.text).toContain(
      'Not on    box-far: There is no session "prod-db" on box-far. [UNKNOWN_SESSION] (see your sessions',
    );
    await bob(near, ['approve', batch]);
    expect((await terminal.exit).code).toBe(77);
    expect(terminal.stdout).toContain('Approved on box-near until');
    expect(terminal.stdout).toContain('Not on box-far: There is no session "prod-db" on box-far. [UNKNOWN_SESSION]');
    await revoke(batch);
    far.writeConfig(before);
    expect((await far.cli(['reload'])).code).toBe(0);
  });

  test('names a host that is away; it asks for a review of its own when it is back', async () => {
    far.keeper.kill('SIGKILL');
    const { terminal, batch } = await ask(both);
    expect(terminal.text).toContain('Not on    box-far: no answer');
    await bob(near, ['approve', batch]);
    expect((await terminal.exit).code).toBe(77);
    await far.keeper.start();
    await eventually('box-far has its request', async () =>
      (await bob(near, ['requests', '--json'])).stdout.includes('box-far'),
    );
    expect((await bob(near, ['deny', batch, '--reason', 'too late'])).stdout).toContain('was sent to box-far');
    await eventually('it is denied there', async () => Promise.resolve(events(far, 'denied').length > 0));
    await revoke(batch);
  });

  test.each([
    ['a list in brackets', 'box-[near,far]'],
    ['a label of the host where it is asked for', 'role=box'],
  ])('names its hosts by %s', async (_, pattern) => {
    const before = near.config;
    near.writeConfig({ ...before, host_labels: { 'role=box': ['box-[far,near]'] } });
    expect((await near.cli(['reload'])).code).toBe(0);
    const { terminal, batch } = await ask([`prod-db@${pattern}`, ...both.slice(1)]);
    expect(terminal.text).toContain(`Request ${batch} for 2 hosts`);
    await bob(near, ['approve', batch]);
    expect((await terminal.exit).code).toBe(0);
    for (const [, host] of hosts()) expect(events(host, 'granted').at(-1)).toMatchObject({ batch });
    await revoke(batch);
    near.writeConfig(before);
    expect((await near.cli(['reload'])).code).toBe(0);
  });

  test('law 5: is revoked on a host that is away as soon as that is back', async () => {
    const { terminal, batch } = await ask(both);
    await bob(near, ['approve', batch]);
    expect((await terminal.exit).code).toBe(0);
    const visit = enter(far.people.alice);
    await visit.until(shellPrompt);
    far.keeper.kill('SIGKILL');
    const { stdout } = await bob(near, ['revoke', batch]);
    expect(stdout).toContain(`box-near: revoked ${near.people.alice.login} for prod-db; confirmed.`);
    expect(stdout).toContain(`box-far: revoked ${far.people.alice.login} for prod-db; NOT CONFIRMED`);
    await far.keeper.start();
    await visit.exit;
    expect(events(far, 'disconnected').at(-1)).toMatchObject({ why: connectionEnds.grantGone });
    expect(JSON.parse(await ofFleet('grants', '--fleet', '--json'))).toEqual([]);
  });

  test('that is left by a key is withdrawn on every host', async () => {
    const { terminal, batch } = await ask(both, true);
    terminal.type('q');
    expect((await terminal.exit).code).not.toBe(0);
    await eventually('both have withdrawn it', async () => {
      const gone = [near, far].every((host) =>
        events(host, 'withdrawn').some(({ request }) => requestsOf(host, batch).includes(request)),
      );
      return Promise.resolve(gone);
    });
    expect((await bob(near, ['approve', batch])).text).toContain('[REQUEST_OVER]');
  });

  test('that nobody waits for any more can be taken back, by whoever asked, where they asked', async () => {
    const { terminal, batch } = await ask(both);
    await terminal[Symbol.asyncDispose]();
    expect((await bob(near, ['withdraw', batch])).text).toContain('[NOT_YOURS]');
    const elsewhere = await say(far.people.alice, ['withdraw', batch], near.people.alice);
    expect(elsewhere.text).toContain(`Type: ssh box-near withdraw ${batch}`);
    expect((await say(near.people.alice, ['withdraw', batch])).stdout).toBe(`Withdrawn: ${batch}.\n`);
    await eventually('no host waits for it', async () => {
      const waiting = (await bob(near, ['requests', '--json'])).stdout;
      return !waiting.includes(batch);
    });
    expect((await say(near.people.alice, ['withdraw', batch])).text).toContain('[REQUEST_OVER]');
    expect((await say(near.people.alice, ['withdraw', 'K7QF2M'])).text).toContain('[NO_SUCH_REQUEST]');
  });

  test('prints what became of each host for programs', async () => {
    const { terminal, batch } = await ask(['prod-db@box-near', '--json', ...both.slice(1)]);
    await bob(near, ['deny', batch, '--reason', 'no']);
    expect((await terminal.exit).code).toBe(77);
    expect(JSON.parse(terminal.stdout)).toMatchObject({
      ...{ batch, session: 'prod-db' },
      hosts: [{ host: 'box-near', state: 'denied', by: expect.stringContaining(near.people.bob.login), says: 'no' }],
    });
  });

  test.each([
    [['prod-db@box-nowhere', '--reason', 'INC-1 x'], 'This host knows no host "box-nowhere"'],
    [['prod-db@box-*'], 'A request needs --reason'],
    [['prod-db', '--reason', 'INC-1 x'], '"prod-db" names no session on hosts'],
  ])('%j is refused before anybody is asked', async (words, says) => {
    const { text, code } = await say(near.people.alice, ['request', ...words]);
    expect([text.includes(says), code]).toEqual([true, 64]);
  });
});

describe('what the fleet has', () => {
  test('is listed on any host: who is attached, and what was asked', async () => {
    const { terminal, batch } = await ask(['prod-db@box-far', ...both.slice(1)]);
    await bob(far, ['approve', batch]);
    await terminal.exit;
    const visit = enter(far.people.alice);
    await visit.until(shellPrompt);
    for (const [, at] of hosts()) {
      expect(JSON.parse(await ofFleetAt(at, 'connections', '--fleet', '--json'))).toEqual([
        expect.objectContaining({ host: 'box-far', login: far.people.alice.login, session: 'prod-db' }),
      ]);
      const told = JSON.parse(await ofFleetAt(at, 'history', '--fleet', '--json')) as Record<string, unknown>[];
      for (const [host, state] of Object.entries({ 'box-far': 'granted', 'box-near': 'revoked' }))
        expect(told).toContainEqual(expect.objectContaining({ host, reason: 'INC-7 rotate the logs', state }));
    }
    expect(await ofFleet('connections', '--fleet')).toMatch(/^box-near:\nNobody is attached\.\n\nbox-far:\nID +WHO/);
    expect(await ofFleetAt(far, 'connections', '--fleet')).toMatch(
      /^box-far:\nID +WHO[^]*\n\nbox-near:\nNobody is attached\./,
    );
    const outsider = await say(near.people.mallory, ['connections', '--fleet', '--json']);
    expect(outsider.stdout).toBe('[]\n');
    expect((await near.cli(['connections', '--fleet', '--json'])).stdout).toContain('box-far');
    await revoke(batch);
    await visit.exit;
  });

  test('names a host that does not answer', async () => {
    far.keeper.kill('SIGKILL');
    const listed = await bob(near, ['connections', '--fleet']);
    expect(listed.text).toContain('No answer from box-far. What they have is not in this list.');
    expect(listed.code).toBe(0);
    await far.keeper.start();
  });
});

const requestsOf = (host: Host, batch: string): readonly unknown[] =>
  events(host, 'requested')
    .filter((one) => (one['batch'] as { id?: string } | undefined)?.id === batch)
    .map(({ request }) => request);

/** The policy with another name for a session. */
function renamed(config: object, session: string): object {
  const { sessions, ...rest } = config as { sessions: Record<string, unknown> };
  return { ...rest, sessions: { other: sessions[session] } };
}
