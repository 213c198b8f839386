// How a client's secret is shown to the provider: each form by openid-client itself.
import { expect, test } from '@jest/globals';
import { bySecret } from '../../src/adapters/oidc-configuration.ts';

/** @returns the secret as it stands in the request, and where. */
function shown(secret: string, methods: string[] | undefined): readonly [where: string, secret: string | undefined] {
  const [body, headers] = [new URLSearchParams(), new Headers()];
  const server = { issuer: 'https://id.example', ...(methods && { token_endpoint_auth_methods_supported: methods }) };
  bySecret(secret)(server, { client_id: 'gate' }, body, headers);
  const basic = headers.get('authorization');
  if (basic === null) return ['post', body.get('client_secret') ?? undefined];
  return ['basic', Buffer.from(basic.slice('Basic '.length), 'base64').toString().split(':')[1]];
}

const both = ['client_secret_post', 'client_secret_basic'];

test.each<[string, string[] | undefined, string, string]>([
  ['s3cret', undefined, 'basic', 's3cret'],
  ['s3cret', ['client_secret_basic'], 'basic', 's3cret'],
  ['s3cret', ['client_secret_post'], 'post', 's3cret'],
  ['s3cret', both, 'basic', 's3cret'],
  ['s3cret', ['private_key_jwt'], 'basic', 's3cret'],
  ['a+b/c=', both, 'post', 'a+b/c='],
  ['a+b/c=', ['client_secret_post'], 'post', 'a+b/c='],
  ['a+b/c=', ['client_secret_basic'], 'basic', 'a%2Bb%2Fc%3D'],
  ['a+b/c=', undefined, 'basic', 'a%2Bb%2Fc%3D'],
])('"%s" where %j is taken: by %s, as %s', (secret, methods, where, text) => {
  expect(shown(secret, methods)).toEqual([where, text]);
});
