// What keeps a host from using a Redis that is not, or no longer, the one that has the keys.
import { guardsIn, pieceOf, type SourceGuard } from '../../harness/source-guards.ts';

const cluster = 'tests/contract/store-cluster.test.ts';
const sentinel = 'tests/contract/store-sentinel.test.ts';
const connect = 'src/adapters/redis/connect.ts';

/** A rule about what a host revoked on another, which a new primary does not know. */
const again = guardsIn('unit/keeper/revoke-again', 'a revocation that the store lost ');
const inOrder = 'is said again, signed, by a keeper that has started since, until the store has it';
const revoke = 'src/keeper/grants/revoke.ts';

export const checks: readonly SourceGuard[] = [
  again('that the disk has what was revoked elsewhere', inOrder, pieceOf(revoke, ', elsewhereIn(facts));', ');')),
  again(
    'that the disk has whose it was',
    inOrder,
    pieceOf(
      'src/keeper/state/tombstones.ts',
      'elsewhere === undefined ? { until } : { until, elsewhere }',
      '{ until }',
    ),
  ),
  again('that it is signed again', inOrder, pieceOf(revoke, 'revoke(one, await proofOf(deps, one));', 'revoke(one);')),
  again(
    'that none is left out',
    'is said again whichever of 501 it is',
    pieceOf(revoke, 'deps.tombstones.elsewhere(),', 'deps.tombstones.elsewhere().slice(-500),'),
  ),
  again(
    'that it stops with the end of the grant',
    'is not asked about once its time is over, nor is one of this host',
    pieceOf('src/keeper/state/tombstones.ts', ' || end <= now()', ''),
  ),
  guardsIn('unit/keeper/store-sync', 'every three seconds ')(
    'that it is looked for all the time',
    'threat H9: what was revoked on another host, and came back, is taken away again',
    pieceOf('src/keeper/store-sync.ts', 'await revokeAgain(deps);', ''),
  ),
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
