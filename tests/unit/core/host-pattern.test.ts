// Patterns of hosts, and the same back for a screen.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldHosts, hostsOf, mostHosts, type KnownHosts } from '../../../src/core/host-pattern.ts';
import { knownHosts } from '../../../src/core/known-hosts.ts';

const webs = ['web-01', 'web-02', 'web-03', 'web-10'];
const known: KnownHosts = {
  hosts: ['bastion', 'db-1', 'db-2', ...webs],
  labels: {
    'role=web': ['web-*'],
    'role=all': ['web-*', 'db-[1-2]'],
    'role=loop': ['role=loop'],
    'role=gone': ['x-*'],
  },
};

describe('a pattern', () => {
  test.each([
    ['web-01', ['web-01']],
    ['web-01,db-1', ['web-01', 'db-1']],
    ['web-[01-03]', ['web-01', 'web-02', 'web-03']],
    ['web-[01,03,10]', ['web-01', 'web-03', 'web-10']],
    ['web-[01-02],db-[1-2]', ['web-01', 'web-02', 'db-1', 'db-2']],
    ['[db,web]-[1]', undefined],
    ['[bastion]', ['bastion']],
    ['web-*', webs],
    ['web-0?', ['web-01', 'web-02', 'web-03']],
    ['*-1*', ['db-1', 'web-10']],
    ['*', known.hosts],
    ['web-[01-02]*', ['web-01', 'web-02']],
    ['role=web', webs],
    ['role=all', [...webs, 'db-1', 'db-2']],
    ['web-01,web-*,web-01', webs],
  ])('%s', (pattern, hosts) => {
    expect(hostsOf(pattern, known)).toEqual(hosts === undefined ? { fault: 'form', at: pattern } : { hosts });
  });

  test.each([
    ['', 'form', ''],
    ['web-[01', 'form', 'web-[01'],
    ['web-01]', 'form', 'web-01]'],
    ['web-[03-01]', 'form', 'web-[03-01]'],
    ['web-[a-c]', 'form', 'web-[a-c]'],
    ['web-01,,web-02', 'form', ''],
    ['web 01', 'form', 'web 01'],
    ['web-01;reboot', 'form', 'web-01;reboot'],
    ['x'.repeat(401), 'form', 'x'.repeat(64)],
    ['web-04', 'unknown', 'web-04'],
    ['web-[01-04]', 'unknown', 'web-04'],
    ['mail-*', 'none', 'mail-*'],
    ['role=mail', 'none', 'role=mail'],
    ['role=gone', 'none', 'x-*'],
    ['role=constructor', 'none', 'role=constructor'],
    ['x-[0-999999999]', 'many', 'x-[0-999999999]'],
  ])('%s names none: %s', (pattern, fault, at) => {
    expect(hostsOf(pattern, known)).toEqual({ fault, at });
  });

  test('a label names no labels, so that it ends', () => {
    expect(hostsOf('role=loop', known)).toEqual({ fault: 'form', at: '' });
  });

  test(`names ${mostHosts} hosts at most`, () => {
    const hosts = Array.from({ length: mostHosts + 1 }, (_, at) => `h${at}`);
    expect(hostsOf('*', { hosts, labels: {} })).toEqual({ fault: 'many', at: '*' });
    expect(hostsOf('*', { hosts: hosts.slice(1), labels: {} })).toEqual({ hosts: hosts.slice(1) });
  });

  test('stars without end cost no time', () => {
    const glob = `${'*a'.repeat(180)}*b`;
    expect(hostsOf(glob, { hosts: ['a'.repeat(60)], labels: {} })).toEqual({ fault: 'none', at: glob });
  });
});

describe('names of hosts, folded', () => {
  test.each([
    [[], ''],
    [['bastion'], 'bastion'],
    [['web-01'], 'web-01'],
    [['web-02', 'web-01', 'web-03', 'web-07', 'db-1'], 'db-1,web-[01-03,07]'],
    [['web-9', 'web-10', 'web-11'], 'web-9,web-[10-11]'],
    [['a1b', 'a2b', 'a2c'], 'a2c,a[1-2]b'],
    [['x1', 'x1'], 'x1'],
  ])('%j', (hosts, folded) => {
    expect(foldHosts(hosts)).toBe(folded);
  });

  test('are read back as the same hosts', () => {
    const name = fc
      .tuple(fc.constantFrom('web-', 'db', 'x2y-'), fc.integer({ min: 0, max: 120 }), fc.constantFrom('', 'a', '.eu'))
      .map(([before, number, after]) => `${before}${String(number).padStart(number % 3, '0')}${after}`);
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 20 }), (hosts) => {
        const folded = foldHosts(hosts);
        fc.pre(folded.length <= 400);
        const read = hostsOf(folded, { hosts, labels: {} });
        expect('hosts' in read ? [...read.hosts].sort() : read).toEqual([...hosts].sort());
      }),
    );
  });
});

test('a host knows itself and its peers', () => {
  const policy = { host: 'b', peers: { c: '/c', a: '/a' }, hostLabels: { 'role=web': ['a'] } };
  expect(knownHosts(policy)).toEqual({ hosts: ['a', 'b', 'c'], labels: { 'role=web': ['a'] } });
});
