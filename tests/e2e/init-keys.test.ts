// `login add NAME --key github:NAME`: the keys come by https from github.com alone, whose certificate a CA in the host's own store has signed.
// Here it is a server of the test, by /etc/hosts of the host.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { makeCertificate, type Certificate } from '../harness/certificate.ts';
import { place } from '../harness/inside.ts';
import { setUpHost, type SetUpHost } from '../harness/set-up-host.ts';

/** An address that nothing else on this machine listens at. */
const address = '127.44.0.1';
const answers: Record<string, { readonly status?: number; readonly text?: string; readonly to?: string }> = {};
const asked: string[] = [];

let on: SetUpHost;
let certificate: Certificate;
let server: Server;

beforeAll(async () => {
  on = await setUpHost(`tmux-gate-${place('xxk')}`);
  await on.key('alice');
  expect(await on.gate('init', '--from', on.answers(), '--yes', '--insecure-unconfirmed')).toMatchObject({ code: 0 });
  certificate = makeCertificate('github.com', 'DNS:github.com');
  server = createServer(certificate, (request, response) => {
    const { status = 404, text = 'Not Found', to } = answers[request.url ?? ''] ?? {};
    asked.push(request.url ?? '');
    response.writeHead(status, to === undefined ? {} : { location: to }).end(text);
  });
  server.listen(443, address);
  await once(server, 'listening');
  await on.host.must('sh', '-c', `echo '${address} github.com' >>/etc/hosts`);
});
afterAll(async () => {
  server.close();
  certificate[Symbol.dispose]();
  await on[Symbol.asyncDispose]();
});

const add = async (account: string) => on.gate('login', 'add', 'init-bob', '--key', `github:${account}`);

test('whose certificate the host does not trust is not believed', async () => {
  const before = await on.host.state();
  expect((await add('bob')).stderr).toContain('[KEYS_NOT_FETCHED]');
  expect(asked).toEqual([]);
  expect(await on.host.state()).toBe(before);
  copyFileSync(certificate.file, join(on.host.root, 'usr/local/share/ca-certificates/test.crt'));
  await on.host.must('update-ca-certificates');
});

test('an account that is not there, one that moved, and what is no key are refused, and nothing is changed', async () => {
  const before = await on.host.state();
  answers['/moved.keys'] = { status: 301, to: `https://github.com/bob.keys`, text: '' };
  answers['/page.keys'] = { status: 200, text: '<html>sign in</html>' };
  answers['/none.keys'] = { status: 200, text: '' };
  answers['/huge.keys'] = { status: 200, text: 'x'.repeat(200_000) };
  for (const [account, code] of [
    ['nobody', 'BAD_KEY'],
    ['moved', 'KEYS_NOT_FETCHED'],
    ['page', 'BAD_KEY'],
    ['none', 'BAD_KEY'],
    ['huge', 'BAD_KEY'],
  ] as const)
    expect({ account, said: (await add(account)).stderr }).toEqual({
      account,
      said: expect.stringContaining(`[${code}]`),
    });
  expect(asked).not.toContain('/bob.keys');
  expect(await on.host.state()).toBe(before);
});

test('all keys of the account are the login’s, each once', async () => {
  const lines = await Promise.all(
    ['bob', 'bob2'].map(async (name) => readFileSync(join(on.host.root, await on.key(name)), 'utf8')),
  );
  answers['/bob.keys'] = { status: 200, text: `${lines.join('')}${lines[0] ?? ''}` };
  expect(await add('bob')).toMatchObject({ code: 0 });
  const { stdout } = await on.gate('login', 'list', '--json');
  expect(JSON.parse(stdout)).toContainEqual({ name: 'init-bob', keys: 2, account: 'made' });
});
