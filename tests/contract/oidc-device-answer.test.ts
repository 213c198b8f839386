// Device authorization responses as providers write them, read by the library that the gate signs in with.
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { allowInsecureRequests, Configuration, customFetch, initiateDeviceAuthorization } from 'openid-client';
import { standardAnswer } from '../../src/adapters/oidc-device-answer.ts';
import { fetchWhole } from '../../src/adapters/oidc-transport.ts';

const usual = {
  device_code: 'd',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://id.example.com/device',
  expires_in: 900,
  interval: 5,
};
const { verification_uri: uri, device_code, user_code, expires_in } = usual;
const without = { device_code, user_code, expires_in };

/** What the library makes of this answer. */
async function read(answer: object): Promise<unknown> {
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer)),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const configuration = new Configuration({ issuer, device_authorization_endpoint: `${issuer}/device` }, 'gate');
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- loopback
  allowInsecureRequests(configuration);
  configuration[customFetch] = fetchWhole;
  try {
    return await initiateDeviceAuthorization(configuration, { scope: 'openid' });
  } finally {
    server.close();
  }
}

test.each([
  ['as the RFC has it', usual, { interval: 5 }],
  ['the interval as text', { ...usual, interval: '7' }, { interval: 7 }],
  ['no interval', { ...without, verification_uri: uri }, {}],
  ['an interval of 0', { ...usual, interval: 0 }, {}],
  ['an interval of 0 as text', { ...usual, interval: '0' }, {}],
  ['an interval of null', { ...usual, interval: null }, {}],
  ['the end as text', { ...usual, expires_in: '900' }, { expires_in: 900 }],
  ['verification_url', { ...without, verification_url: uri }, { verification_uri: uri }],
  ['both spellings', { ...usual, verification_url: 'https://other.example.com' }, { verification_uri: uri }],
])('%s', async (_name, answer, read_) => {
  const seen = await read(answer);
  expect(seen).toMatchObject({ device_code: 'd', verification_uri: uri, expires_in: 900, ...read_ });
  if (!('interval' in read_) && 'interval' in answer && answer.interval !== 5)
    expect(seen).not.toHaveProperty('interval');
});

test.each([
  ['a negative interval', { ...usual, interval: -1 }],
  ['an interval that is no number', { ...usual, interval: 'soon' }],
  ['no link at all', without],
])('%s is refused', async (_name, answer) => {
  await expect(read(answer)).rejects.toThrow();
});

describe('what is no such answer', () => {
  test.each([
    '',
    '{"access_token":"a","interval":"7"}',
    '"device_code"',
    '{"device_code"',
    '[{"device_code":1}]',
    '<html>"device_code"',
  ])('%j stays as it is', (body) => {
    expect(standardAnswer(body)).toBe(body);
  });
});
