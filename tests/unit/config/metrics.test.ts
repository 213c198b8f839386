// `metrics` of the policy: where they can be read (src/config/metrics-schema.ts).
import { expect, test } from '@jest/globals';
import { parseConfig } from '../../../src/config/load.ts';
import { options, problemsOf, smallest } from './sample.ts';

const metrics = (given: object): string => `${smallest}metrics: ${JSON.stringify(given)}\n`;

test('there are none unless the policy says where', () => {
  expect(parseConfig(smallest, options).metrics).toBeUndefined();
});

test.each([
  ['unix:/run/tmux-gate/metrics.sock', { path: '/run/tmux-gate/metrics.sock' }],
  ['127.0.0.1:9747', { host: '127.0.0.1', port: 9747 }],
  ['[::1]:65535', { host: '::1', port: 65_535 }],
])('%s', (listen, expected) => {
  expect(parseConfig(metrics({ listen }), options).metrics).toEqual({ listen: expected, group: 'prometheus' });
});

test('another group than that of Debian may read the socket', () => {
  const text = metrics({ listen: 'unix:/run/tmux-gate/metrics.sock', group: 'monitoring' });
  expect(parseConfig(text, options).metrics?.group).toBe('monitoring');
});

test.each([
  '0.0.0.0:9747',
  '[::]:9747',
  '10.0.0.1:9747',
  'localhost:9747',
  'prod-box:9747',
  '127.0.0.1',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  '127.0.0.1:09747',
  '127.0.0.2:9747',
  ':9747',
  '9747',
  'unix:metrics.sock',
  'unix:/run/../etc/passwd',
  'unix://run/metrics.sock',
  `unix:/run/${'x'.repeat(110)}`,
  'http://127.0.0.1:9747',
  '',
])('nowhere else: %s', (listen) => {
  expect(problemsOf(metrics({ listen }))).toEqual([
    expect.objectContaining({
      path: 'metrics.listen',
      problem: expect.stringMatching(/^This is no place for metrics;/),
    }),
  ]);
});

test('a port has no group', () => {
  expect(problemsOf(metrics({ listen: '127.0.0.1:9747', group: 'prometheus' }))).toEqual([
    expect.objectContaining({ path: 'metrics.group', problem: expect.stringMatching(/open to every account/) }),
  ]);
});

test('where to listen must be said', () => {
  expect(problemsOf(metrics({}))).toEqual([expect.objectContaining({ path: 'metrics.listen' })]);
});
