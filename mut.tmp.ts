// usage: mut.ts file piece becomes testfile [pattern]
import { mutantOf } from '/tmp/w/faults/tests/house/mutate.ts';
import { spawnSync } from 'node:child_process';
const [file, piece, becomes, test, pattern] = process.argv.slice(2) as string[];
using mutant = mutantOf('/tmp/w/faults/dist', [{ file: file!, piece: piece!, becomes: becomes! }]);
const r = spawnSync('timeout', ['240', '/tmp/jt', test!, ...(pattern ? ['-t', pattern] : [])], { env: { ...process.env, TMUX_GATE_DIST: mutant.dist }, encoding: 'utf8' });
console.log((r.stdout + r.stderr).split('\n').filter((l) => /✓|✕|Tests:/.test(l)).join('\n'));
