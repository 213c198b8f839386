import { expect, test } from '@jest/globals';
import { parseConfig } from '../../../src/config/load.ts';
import { options, problemsOf, smallest } from './sample.ts';

test('the files for TLS', () => {
  const yaml =
    '{ url: "rediss://r.example.com", ca_file: /ca.pem, certificate_file: /c.pem, key_file: "credential:key" }';
  expect(parseConfig(`${smallest}redis: ${yaml}\n`, options).redis).toEqual({
    kind: 'url',
    url: 'rediss://r.example.com',
    caFile: '/ca.pem',
    certificateFile: '/c.pem',
    keyFile: '/run/credentials/tmux-gate.service/key',
  });
});

test('Sentinels, and a Cluster', () => {
  const redis = (yaml: string): unknown => parseConfig(`${smallest}redis: ${yaml}\n`, options).redis;
  const sentinels = ['redis-1.example.com', '10.0.0.2:26380', '[::1]:1'];
  const yaml = `{ url: 'redis://u@mymaster', sentinels: ${JSON.stringify(sentinels)}, sentinel_user: watch, sentinel_password_file: /p }`;
  expect(redis(yaml)).toEqual({
    ...{ kind: 'url', url: 'redis://u@mymaster' },
    ...{ sentinels, sentinelUser: 'watch', sentinelPasswordFile: '/p' },
  });
  expect(redis("{ url: 'redis://a:7000', cluster: ['b:7001'] }")).toEqual({
    ...{ kind: 'url', url: 'redis://a:7000', cluster: ['b:7001'] },
  });
});

test.each([
  ['TLS files without TLS', "{ url: 'redis://a', ca_file: /ca.pem }", 'redis.ca_file', /write it as rediss:/],
  ['a certificate alone', "{ url: 'rediss://a', certificate_file: /c.pem }", 'redis.key_file', /needs both files/],
  ['a Sentinel that is no address', "{ url: 'redis://a', sentinels: ['a b'] }", 'redis.sentinels[0]', /write host or/],
  ['a port too large', "{ url: 'redis://a', cluster: ['b:70000'] }", 'redis.cluster[0]', /write host or/],
  ['no Sentinel', "{ url: 'redis://a', sentinels: [] }", 'redis.sentinels', /list is empty; name at least one/],
  ['a port beside Sentinels', "{ url: 'redis://a:1', sentinels: [b] }", 'redis.url', /The Sentinels say the port/],
  ['both', "{ url: 'redis://a', sentinels: [b], cluster: [c] }", 'redis.cluster', /write sentinels or cluster/],
  ['Sentinels of a socket', "{ url: 'unix:/a', sentinels: [b] }", 'redis.sentinels', /needs a redis: or rediss: URL/],
  ['a database of a Cluster', "{ url: 'redis://a/1', cluster: [b] }", 'redis.url', /database 0 only/],
  ['a user of no Sentinels', "{ url: 'redis://a', sentinel_user: x }", 'redis.sentinel_user', /write their addresses/],
  ['a key alone', "{ url: 'rediss://a', key_file: /c.key }", 'redis.certificate_file', /needs both files/],
])('%s', (_what, yaml, path, sentence) => {
  expect(problemsOf(`${smallest}redis: ${yaml}\n`)).toContainEqual(
    expect.objectContaining({ path, problem: expect.stringMatching(sentence) }),
  );
});
