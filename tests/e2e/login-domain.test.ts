// Logins as a directory of several domains gives them: `alice@corp.example.com` is let in like any other, `CORP\alice` is told why not.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { account } from '../../scripts/sandbox/accounts.ts';
import { must } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { readToGate, writeMessage } from '../../src/wire/messages.ts';
import { connections, journal, place, testHost } from '../harness/inside.ts';
import { requestAccess, letIn } from '../harness/visits.ts';
import { hello } from '../unit/gate/sample.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tgw',
    loginDomain: 'example.com',
    config: (config) => ({
      ...config,
      oidc: { ...config.oidc, claims: { ...config.oidc.claims, login: { claim: 'email' } } },
    }),
  });
});
afterAll(async () => host[Symbol.asyncDispose]());

test('a login with a domain is let in, listed, locked and unlocked', async () => {
  const { alice } = host.people;
  expect(alice.login).toMatch(/^[a-z-]+@example\.com$/);
  const { terminal } = await letIn(host, alice);
  expect(connections(host.layout)).toMatchObject([{ who: { login: alice.login } }]);
  expect(await host.cli(['lock', alice.login, '--reason', 'a stolen phone'])).toMatchObject({ code: 0 });
  expect((await terminal.exit).code).toBe(77);
  expect(connections(host.layout)).toEqual([]);
  expect(await host.cli(['unlock', alice.login, '--reason', 'found it'])).toMatchObject({ code: 0 });
  expect((await alice.run(['whoami'])).stdout).toContain('not signed in'); // its sign-ins were found by its name
  const again = await requestAccess(alice);
  again.terminal.type('q');
  await again.terminal.exit;
  expect(journal(host.layout).some(({ event, login }) => event === 'connected' && login === alice.login)).toBe(true);
});

test('one whose name cannot be gated reads LOGIN_NAME, and the doctor names it', async () => {
  const { gatedGroup, gecos } = host.layout;
  const login = `CORP\\${place('tgw')}`;
  const more = ['--badname', '-M', '-l', '-g', gatedGroup, '-c', gecos, '-d', '/nonexistent', '-s', '/bin/sh'];
  await must('flock', ['/run/lock/tmux-gate-sandbox-accounts', 'useradd', ...more, login]);
  const socket = connect(host.keeper.socket);
  socket.write(writeMessage({ ...hello, uid: account(login).uid, login }));
  const said: unknown[] = [];
  for await (const line of createInterface(socket)) said.push(readToGate(line));
  expect(said.at(-1)).toMatchObject({ t: 'refuse', code: 'LOGIN_NAME', exit: 77 });
  const { stdout } = await host.cli(['doctor', '--only', 'login-name', '--login', login]);
  expect(stdout).toContain('LOGIN_NAME');
});
