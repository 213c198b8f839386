// The keeper reaches its provider as the host reaches the network: with the CAs that the host trusts, over the host's proxy.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createProxy } from 'node:http';
import { createServer, type Server } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { must } from '../../scripts/sandbox/exec.ts';
import { repo } from '../../scripts/sandbox/layout.ts';
import { makeCertificate } from '../harness/certificate.ts';

const certificate = makeCertificate('localhost', 'DNS:localhost');
let provider: Server;
let url: string;

beforeAll(async () => {
  const { key, cert } = certificate;
  provider = createServer({ key, cert }, (_, response) => response.end('{"issuer":"here"}')).listen(0, '127.0.0.1');
  await once(provider, 'listening');
  url = `https://localhost:${String((provider.address() as AddressInfo).port)}/`;
});
afterAll(() => {
  provider.close();
  certificate[Symbol.dispose]();
});

const ask = `fetch(process.argv[1]).then(async (answer) => console.log(await answer.text()), ({ cause }) => console.log(cause.code))`;

/** What a program that is started as the keeper and the CLI are reads there. */
async function read(program: string, env: Readonly<Record<string, string>>): Promise<string> {
  const [first = ''] = readFileSync(join(repo, 'dist/usr/lib/tmux-gate', program), 'utf8').split('\n');
  const flags = first.split(' ').filter((word) => word.startsWith('--'));
  const said = await must(join(repo, 'node_modules/node/bin/node'), [...flags, '-e', ask, url], { env });
  return said.trim();
}

test.each(['keeper', 'tmux-gate'])('%s trusts a CA that the host trusts, and no other', async (program) => {
  expect(await read(program, {})).toMatch(/SELF_SIGNED_CERT|UNABLE_TO_VERIFY/);
  expect(await read(program, { SSL_CERT_FILE: certificate.file })).toBe('{"issuer":"here"}');
});

test.each(['keeper', 'tmux-gate'])(
  '%s goes over the proxy that HTTPS_PROXY names, not where NO_PROXY says so',
  async (program) => {
    const asked: string[] = [];
    const proxy = createProxy().on('connect', ({ url: target = '' }, client, head) => {
      asked.push(target);
      const upstream = connect(Number(target.split(':')[1]), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const env = {
      SSL_CERT_FILE: certificate.file,
      HTTPS_PROXY: `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`,
    };
    expect(await read(program, env)).toBe('{"issuer":"here"}');
    expect(asked).toEqual([new URL(url).host]);
    expect(await read(program, { ...env, NO_PROXY: 'localhost' })).toBe('{"issuer":"here"}');
    expect(asked).toHaveLength(1);
    proxy.close();
  },
);
