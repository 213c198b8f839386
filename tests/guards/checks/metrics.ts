// What keeps metrics from the network, from other accounts, and from growing without end.
import type { SourceGuard } from '../../harness/source-guards.ts';

const server = 'src/adapters/metrics/server.ts';
const onServer = (what: string, test: string, is: string, becomes: string): SourceGuard => ({
  ...{ what: `${what}: ${test}`, in: 'tests/contract/metrics-server.test.ts', test },
  mutations: [{ file: server, piece: is, becomes }],
});
const inKeeper = (
  what: string,
  test: string,
  file: string,
  pieces: readonly [is: string, becomes: string],
): SourceGuard => ({
  ...{ what: `${what}: ${test}`, in: 'tests/unit/keeper/metrics/metrics.test.ts', test },
  mutations: [{ file, piece: pieces[0], becomes: pieces[1] }],
});

export const checks: readonly SourceGuard[] = [
  onServer('the loopback', 'a port never on 0.0.0.0', '!loopback.includes(host)', 'false'),
  onServer(
    'the name of the host',
    'a port answers no name that points to it (DNS rebinding)',
    "'host' in listen && !isLoopbackName(headers.host ?? '')",
    'false',
  ),
  onServer(
    'the mode of the socket',
    'a unix socket is for root and the group, and for nobody else',
    'gid === undefined ? 0o600 : 0o660',
    '0o666',
  ),
  onServer('what is removed', 'a unix socket never removes a file', 'before?.isSocket() === false', 'false'),
  onServer(
    'the folder of the socket',
    'a unix socket is not made in a folder that somebody else can write',
    'await checkFolders(path);',
    '',
  ),
  onServer(
    'the number of connections',
    'whoever asks without end gets eight connections, and the keeper closes those that say nothing',
    'server.maxConnections = connectionsLimit;',
    '',
  ),
  onServer(
    'one text for all',
    'an answer is made once for all who ask at the same time, and reused for a moment',
    'performance.now() < made.usableUntil',
    'false',
  ),
  inKeeper(
    'the number of codes',
    'refusals every code that there is, and some that are none, make a bounded number of series',
    'src/core/metrics/fold.ts',
    ['own.size >= most || !known.has(value)', '!known.has(value)'],
  ),
  inKeeper(
    'codes of ours',
    'refusals every code that there is, and some that are none, make a bounded number of series',
    'src/core/metrics/fold.ts',
    ['own.size >= most || !known.has(value)', 'false'],
  ),
  inKeeper('names of the policy', 'a scrape says how things are', 'src/core/metrics/fold.ts', [
    '(own.has(value) ? value : other)',
    'value',
  ]),
  inKeeper(
    'names to read',
    'a scrape a thousand sessions and witnesses, some of odd names, are folded',
    'src/keeper/metrics/collect.ts',
    ['.filter((name) => nameForm.test(name))', ''],
  ),
];
