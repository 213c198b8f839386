// Bad input at the door: each is refused with a code, a sentence and a hint, journaled, and nothing of it runs.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, testHost } from '../harness/inside.ts';
import { execOver } from '../harness/raw-ssh.ts';
import { audit, expectRefused, fromNow, plain, seenOf, seenOn, type Seen } from '../harness/refused.ts';
import { endIt, letIn, putInOrder, say } from '../harness/visits.ts';

let host: Host;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  host = await testHost({ prefix: 'tga' });
  ({ alice, bob } = host.people);
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => putInOrder(host));

const namesHint = 'see your sessions: ssh prod-box sessions; all commands: ssh prod-box help';

/** Through ssh without a terminal, to the end. */
const run = async (...words: readonly string[]): Promise<Seen> => seenOf(await alice.run(words));

test('a script that attaches without a terminal is refused before anybody is asked anything', async () => {
  const expected = {
    code: 'NO_PTY',
    says: 'Attaching needs a terminal, and this connection has none.',
    hint: 'use: ssh -t prod-box prod-db',
  } as const;
  await expectRefused(host, alice, expected, async () => run('prod-db'));
  const unnamed = { ...expected, hint: 'use: ssh -t prod-box SESSION' };
  const record = await expectRefused(host, alice, unnamed, async () => run('-T'));
  expect(record['command']).toBe('');
});

test('a terminal that no session can be drawn on is refused before anybody is asked anything', async () => {
  const expected = {
    code: 'POOR_TERMINAL',
    says: 'A terminal of type "dumb" cannot show a session: it cannot move its cursor.',
    hint: 'if yours can, name it: TERM=xterm-256color ssh -t prod-box prod-db',
  } as const;
  await expectRefused(host, alice, expected, async () => seenOn(alice.ssh(['-t', 'prod-db'], { term: 'dumb' })));
});

test.each(['frobnicate', 'uptime', 'ls', 'ls -la', 'bash'])(
  '"%s" is told that no commands are run',
  async (command) => {
    const word = command.split(' ')[0] ?? '';
    const expected = {
      code: 'NOT_A_VERB',
      says: `tmux-gate does not run commands ("${word}").`,
      hint: `open a session: ssh -t prod-box; all commands: ssh prod-box help`,
    } as const;
    const record = await expectRefused(host, alice, expected, async () => run(command));
    expect(record['command']).toBe(command);
  },
);

test.each(['Approve K7QF', 'aprove K7QF', 'Approve', 'aprove'])('"%s" is told which verb is near', async (command) => {
  const word = command.split(' ')[0] ?? '';
  const expected = {
    code: 'UNKNOWN_VERB',
    says: `"${word}" is not a command or a session here.`,
    hint: 'did you mean approve? see: ssh prod-box help approve',
  } as const;
  await expectRefused(host, alice, expected, async () => run(command));
});

test("what is root's on the host is told so", async () => {
  const expected = {
    code: 'LOCAL_ONLY',
    says: '"doctor" is for root on the host itself.',
    hint: 'on prod-box: tmux-gate doctor',
  } as const;
  await expectRefused(host, alice, expected, async () => run('doctor'));
});

test('root reads what root types', async () => {
  const { stderr } = await host.cli(['revoke', 'K7QF2M']);
  expect(plain(stderr)).toContain('[NO_SUCH_GRANT] hint: see: tmux-gate grants');
});

describe('shell metacharacters', () => {
  const planted = () => `${host.root}/planted`;

  test.each([
    ['approve', '$(touch%)', 'approve $(touch%)'],
    ['a backtick', '`touch', 'approve `touch%`'],
    ['a semicolon', 'X;touch', 'revoke X;touch%'],
    ['a pipe', 'X|touch', 'deny X|touch% --reason y'],
    ['an ampersand', 'X&&touch', 'approve X&&touch%'],
    ['a redirection', '>', 'requests >%'],
    ['a quote', "'", "requests '"],
    ['a newline', 'X\ntouch', 'approve X\ntouch%'],
    ['a glob', '/*', 'approve /*'],
  ])('%s in a word is refused, and nothing runs', async (_, _word, template) => {
    const command = template.replace('%', `\${IFS}${planted()}`);
    const later = await fromNow(host);
    const seen = await run(command);
    expect(plain(seen.text)).toMatch(
      / has characters that no command of tmux-gate takes; nothing here is run by a shell\. \[BAD_COMMAND\] hint: see: ssh prod-box help$/,
    );
    expect(seen.code).toBe(64);
    await eventually('it is journaled', async () => (await later()).find((r) => r['code'] === 'BAD_COMMAND'));
    expect(existsSync(planted())).toBe(false);
  });

  test('in a reason they are data: the request shows them as they are, and nothing runs (law 9)', async () => {
    const reason = `INC-1 $(touch ${planted()}); touch ${planted()} | sh && "#{q:x}" #(touch ${planted()}) \`touch ${planted()}\``;
    const inside = await letIn(host, alice, { reason });
    expect(plain(inside.terminal.text)).toContain(`Reason ${reason}`);
    const requested = (await audit(host)).find((r) => r['request'] === inside.request);
    expect(requested?.['reason']).toBe(reason);
    const told = await host.webhook.next((body) => (body as { request?: string }).request === inside.request);
    expect((told.body as { reason: string }).reason).toBe(reason);
    await endIt(host, inside);
    expect(existsSync(planted())).toBe(false);
  });
});

describe('a command that is too long', () => {
  const tooLong = {
    code: 'COMMAND_TOO_LONG',
    says: 'The command is longer than 4096 bytes.',
    hint: 'shorten it; see: ssh prod-box help',
  } as const;

  test('100 KB are refused, and the journal does not grow with them', async () => {
    const client = await alice.connect();
    const record = await expectRefused(host, alice, tooLong, async () =>
      execOver(client, `approve ${'A'.repeat(100_000)}`),
    );
    expect(JSON.stringify(record).length).toBeLessThan(1_000);
    client.end();
  });

  test('one byte too many is too many, and the last one that fits is read', async () => {
    const fits = `help ${'x'.repeat(4096 - 5)}`;
    expect(plain((await run(fits)).text)).toContain('[BAD_COMMAND]');
    expect(plain((await run(`${fits}x`)).text)).toContain('[COMMAND_TOO_LONG]');
    expect(plain((await run(`approve ${'é'.repeat(2_100)}`)).text)).toContain('[COMMAND_TOO_LONG]');
  });

  test.each([200_000, 1_000_000])(
    '%i bytes never reach the gate: the connection or its command fails, nothing opens',
    async (length) => {
      const later = await fromNow(host);
      const client = await alice.connect();
      const seen = await execOver(client, 'A'.repeat(length)).catch((error: unknown) => error as Error);
      if (!(seen instanceof Error)) expect(seen.code).not.toBe(0);
      client.destroy();
      expect(await host.keeper.ready()).toBe(true);
      expect((await alice.run(['help'])).code).toBe(0);
      expect((await later()).filter(({ event }) => event !== 'refused-again')).toEqual([]);
    },
  );
});

test('a session that does not exist is refused before any sign-in', async () => {
  const expected = {
    code: 'UNKNOWN_SESSION',
    says: 'There is no session "prod-dc" on prod-box.',
    hint: namesHint,
  } as const;
  const { mallory } = host.people;
  await expectRefused(host, mallory, expected, async () => seenOn(mallory.ssh(['-t', 'prod-dc'])));
  for (const trick of ['=prod-db', 'prod-db:0', '../prod-db', '__proto__', 'constructor']) {
    const { code, text } = await seenOn(mallory.ssh(['-t', trick]));
    expect(plain(text)).toMatch(/\[(?:NOT_A_VERB|UNKNOWN_SESSION|BAD_COMMAND)\]/);
    expect(code).toBe(64);
  }
});

test.each([
  ['that the host does not know', 'nonesuch-256color'],
  ['that would climb out of the terminfo folders', '../../../../tmp/x'],
])('a TERM %s falls back to xterm-256color and attaches', async (_, term) => {
  const inside = await letIn(host, alice, { terminal: { term } });
  inside.terminal.type("tmux display -p 'is #{client_termname}'\r");
  await inside.terminal.until('is xterm-256color');
  await endIt(host, inside);
});

test('a locale without UTF-8 gets ASCII alone, from the door to the session', async () => {
  const inside = await letIn(host, alice, { terminal: { env: { LANG: 'C' }, rows: 60 } });
  inside.terminal.type("printf 'caf\\303\\251 %s\\n' end\r");
  await inside.terminal.until(/caf_+ end/);
  expect(inside.terminal.text).toMatch(/^[\u0000-\u007f]*$/);
  await endIt(host, inside);
});

describe('requests that are not there', () => {
  test.each(['approve ZZZZZZ', 'deny ZZZZZZ --reason no', 'approve zzzzzz'])(
    '"%s" is refused before any sign-in',
    async (command) => {
      const word = command.split(' ')[1] ?? '';
      const expected = {
        code: 'NO_SUCH_REQUEST',
        says: `There is no pending request "${word.toUpperCase()}".`,
        hint: 'see: ssh prod-box requests',
      } as const;
      await expectRefused(host, bob, expected, async () => seenOf(await bob.run([command])));
    },
  );

  test('a grant that is not there cannot be revoked', async () => {
    const expected = {
      code: 'NO_SUCH_GRANT',
      says: 'There is no live grant "ZZZZZZZZZZ".',
      hint: 'see: ssh prod-box grants',
    } as const;
    await expectRefused(host, bob, expected, async () => say(bob, ['revoke', 'ZZZZZZZZZZ']));
  });

  test('a denial without a reason is refused before any sign-in', async () => {
    const expected = {
      code: 'REASON_NEEDED',
      says: 'A denial needs a reason, which the requester reads.',
      hint: 'use: ssh prod-box deny ZZZZZZ --reason why',
    } as const;
    await expectRefused(host, bob, expected, async () => seenOf(await bob.run(['deny', 'ZZZZZZ'])));
  });
});

test('after all of it nothing is attached, nothing waits, and the journal is whole', async () => {
  expect(connections(host.layout)).toEqual([]);
  expect((await host.cli(['requests'])).stdout).toBe('No requests are waiting.\n');
  expect((await host.cli(['audit', 'verify'])).stdout).toMatch(/^The journal is whole/);
});
