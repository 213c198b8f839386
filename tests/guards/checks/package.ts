// What a version asks of the state that it finds, and the package of the binaries that it fetches.
import { stateFormat } from '../../../src/keeper/state/format.ts';
import type { SourceGuard } from '../../harness/source-guards.ts';

const format = { in: 'tests/unit/keeper/state-format.test.ts', file: 'src/keeper/state/format.ts' };

export const checks: readonly SourceGuard[] = [
  {
    what: 'the look at the format of the state',
    in: format.in,
    test: `it is refused and stays as it was "${String(stateFormat + 1)}\\n"`,
    mutations: [{ file: format.file, piece: 'if (found > stateFormat)', becomes: 'if (found > 1e9)' }],
  },
  {
    what: 'the refusal of a format that cannot be read',
    in: format.in,
    test: 'it is refused and stays as it was "x\\n"',
    mutations: [{ file: format.file, piece: ': Infinity; // rule 2', becomes: ': 0; // rule 2' }],
  },
  {
    what: 'the digest of a fetched binary',
    in: 'tests/unit/fetched-binaries.test.ts',
    test: 'a binary with another digest than the pinned one is not used, and removed',
    mutations: [
      {
        file: 'scripts/packaging/binaries.ts',
        piece: 'if (found === integrity) return;',
        becomes: 'if (found !== "") return;',
      },
    ],
  },
];
