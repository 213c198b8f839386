// What differs between two policies, and what only a keeper that starts can take (src/config/changes.ts).
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { changesBetween, needsRestart } from '../../../src/config/changes.ts';
import { parseConfig, type Policy } from '../../../src/config/load.ts';
import { options, smallest } from './sample.ts';

const loaded = (text: string, named: Policy['named'] = {}): Policy => ({
  ...{ config: parseConfig(text, options), text, raw: parse(text) as unknown, named },
});
const before = loaded(smallest, { 'oidc.client_secret_file': 'one' });
const changed = (text: string, named: Policy['named'] = {}) => changesBetween(before, loaded(text, named));

describe('the keys that differ', () => {
  test('are none where only comments, order or spelling do', () => {
    expect(changed(`# a comment\n${smallest}`)).toEqual([]);
  });

  test('are named with their whole path: added, removed, changed', () => {
    const more = `${smallest}request: { answer_within: 5m }\nbreak_glass: { window: 5m }\n`;
    expect(changed(more)).toEqual([
      { key: 'request', how: 'added' },
      { key: 'break_glass', how: 'added' },
    ]);
    const other = more.replace('answer_within: 5m', 'answer_within: 6m').replace(/break_glass.*\n/, '');
    expect(changesBetween(loaded(more), loaded(other))).toEqual([
      { key: 'request.answer_within', how: 'changed' },
      { key: 'break_glass', how: 'removed' },
    ]);
  });

  test('a list is one key, and no value is ever named', () => {
    const [one, two] = ['https://a.example.com/SECRET', 'https://b.example.com/SECRET'].map((webhook) =>
      loaded(`${smallest}notify: [{ webhook: '${webhook}', format: json }]\n`),
    );
    expect(changesBetween(one!, two!)).toEqual([{ key: 'notify', how: 'changed' }]);
  });

  test('a file that holds something else counts, once, and not where its key differs anyhow', () => {
    expect(changed(smallest, { 'oidc.client_secret_file': 'two', 'peers.b': 'new' })).toEqual([
      { key: 'oidc.client_secret_file', how: 'content' },
    ]);
    const [one, two] = ['/a', '/b'].map((path) => loaded(`${smallest}peers: { b: ${path} }\n`, { 'peers.b': path }));
    expect(changesBetween(one!, two!)).toEqual([{ key: 'peers.b', how: 'changed' }]);
  });
});

describe('what needs a restart', () => {
  const restart = (text: string, named: Policy['named'] = {}) => needsRestart(before, loaded(text, named));

  test('is nothing else than host, service account, Redis and the place of the metrics', () => {
    expect(restart(`${smallest}request: { answer_within: 5m }\n`)).toEqual([]);
    expect(restart(smallest.replace(/^host: .*$/m, 'host: other-box'))).toEqual(['host']);
    expect(restart(`${smallest}service_account: gatekeeper\nredis: 'redis://127.0.0.1:6379'\n`)).toEqual([
      ...['service_account', 'redis'],
    ]);
  });

  test('a standard value that is now written changes nothing', () => {
    expect(restart(`${smallest}redis: embedded\nservice_account: tmux-gate\n`)).toEqual([]);
  });

  test('another password or key of Redis does, other secrets do not', () => {
    const at = (sha256: string) =>
      loaded(smallest, {
        ...{ 'redis.password_file': sha256, 'redis.key_file': sha256 },
        'oidc.client_secret_file': sha256,
      });
    expect(needsRestart(at('a'), at('b'))).toEqual(['redis.password_file', 'redis.key_file']);
    expect(needsRestart(at('a'), at('a'))).toEqual([]);
  });
});
