// What `init` finds out about how people can sign in, from a real discovery document (src/setup/provider-look.ts, src/cli/init-flow.ts).
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { withFlow } from '../../src/cli/init-flow.ts';
import type { Screen } from '../../src/cli/render.ts';
import type { Answers } from '../../src/core/setup-rules/answers.ts';

let server: Server;
let issuer: string;
let endpoints: object;
let noted: string[];
let asked: number;

beforeAll(async () => {
  server = createServer((_, response) => {
    asked += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ issuer, ...endpoints }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterAll(() => void server.close());
beforeEach(() => {
  [endpoints, noted, asked] = [{ device_authorization_endpoint: `${issuer}/device` }, [], 0];
});

const screen = {
  wait: () => undefined,
  calm: () => undefined,
  note: (lines: readonly string[]) => void noted.push(...lines),
} as unknown as Screen;

/** Without a terminal, as the tests run. */
async function flowOf(signIn?: Answers['signIn'], at = issuer): Promise<unknown> {
  const answers: Answers = {
    ...{ host: 'prod-box', logins: [], ...(signIn === undefined ? {} : { signIn }) },
    oidc: { issuer: at, clientId: 'tmux-gate', insecureHttp: true },
    session: {
      ...{ name: 'prod-db', runAs: 'dba', who: ['engineers'], approvers: ['oncall'], count: 1 },
      window: { default: '30m', max: '1h' },
    },
  };
  return (await withFlow(screen, answers, false)).signIn;
}

test('a provider with a device_authorization_endpoint: the policy is left at its default', async () => {
  expect([await flowOf(), noted]).toEqual([undefined, []]);
  expect(await flowOf({ lifetime: '8h' })).toEqual({ lifetime: '8h' });
});

test('one without it: the code flow is taken, and said', async () => {
  endpoints = {};
  expect(await flowOf({ lifetime: '8h' })).toEqual({ lifetime: '8h', flow: 'code' });
  expect(noted).toEqual([expect.stringContaining('no device_authorization_endpoint')]);
});

test('what was given counts, and the provider is not asked', async () => {
  endpoints = {};
  expect(await flowOf({ flow: 'both' })).toEqual({ flow: 'both' });
  expect([asked, noted]).toEqual([0, []]);
});

test('one that does not answer is named later, with its own fault', async () => {
  expect([await flowOf(undefined, 'http://127.0.0.1:9'), noted]).toEqual([undefined, []]);
});
