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

test.each([
  ['TLS files without TLS', "{ url: 'redis://a', ca_file: /ca.pem }", 'redis.ca_file', /write it as rediss:/],
  ['a certificate alone', "{ url: 'rediss://a', certificate_file: /c.pem }", 'redis.key_file', /needs both files/],
  ['a key alone', "{ url: 'rediss://a', key_file: /c.key }", 'redis.certificate_file', /needs both files/],
])('%s', (_what, yaml, path, sentence) => {
  expect(problemsOf(`${smallest}redis: ${yaml}\n`)).toContainEqual(
    expect.objectContaining({ path, problem: expect.stringMatching(sentence) }),
  );
});
