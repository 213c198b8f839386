// What keeps a host from using a Redis that is not, or no longer, the one that has the keys.
import type { SourceGuard } from '../../harness/source-guards.ts';

const cluster = 'tests/contract/store-cluster.test.ts';
const sentinel = 'tests/contract/store-sentinel.test.ts';
const connect = 'src/adapters/redis/connect.ts';

export const checks: readonly SourceGuard[] = [
  {
    what: 'that a server is refused which lacks what a grant needs',
    in: 'tests/contract/redis-too-old.test.ts',
    test: 'it is refused by its name before a command is sent, and taken as soon as it is new enough',
    mutations: [
      {
        file: 'src/adapters/redis/too-old.ts',
        piece: 'if (problem === undefined) return true;',
        becomes: 'return true;',
      },
    ],
  },
  {
    what: 'that leaving a connection ends it',
    in: 'tests/contract/redis-place.test.ts',
    test: 'a connection that the library gives up is made again, until it is left',
    mutations: [{ file: connect, piece: 'if (!left.has(redis)) redis', becomes: 'redis' }],
  },
  {
    what: 'that a server whose Cluster is down is not believed',
    in: cluster,
    test: 'an owner that is cut off from the others is left, though it says that it has the keys',
    mutations: [
      { file: 'src/adapters/redis/cluster.ts', piece: '/^cluster_state:ok\\r?$/m', becomes: '/^cluster_state:/m' },
    ],
  },
  {
    what: 'that a server is left which says that the keys moved',
    in: cluster,
    test: 'keys that move to another server are followed',
    mutations: [{ file: connect, piece: '|MOVED|', becomes: '|' }],
  },
  {
    what: 'that a primary is left which has no replica that takes its writes',
    in: sentinel,
    test: 'a primary with no replica that hears it takes nothing, if it is set up so, and is left',
    mutations: [{ file: connect, piece: '|NOREPLICAS|', becomes: '|' }],
  },
  {
    what: 'that WAIT is asked on the connection that wrote',
    in: sentinel,
    test: 'after a loss of the connection nothing is told about how many servers have a change',
    mutations: [
      {
        file: 'src/adapters/redis/copies.ts',
        piece: 'if (redis.stream !== stream) return undefined; // rule 1',
        becomes: '',
      },
      { file: 'src/adapters/redis/copies.ts', piece: 'redis.stream === stream && ', becomes: '' },
    ],
  },
];
