// A writer in a process of its own, to be killed in mid-write: prints the number of each record that is on disk.
import { createHash } from 'node:crypto';
import { headReader } from '../../src/adapters/journal/heads.ts';
import { openKeys } from '../../src/adapters/keys.ts';
import * as stateFiles from '../../src/adapters/state-file.ts';
import { openJournal, type UncheckedJournal } from '../../src/adapters/journal/journal.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const [folder = ''] = process.argv.slice(2);
const keys = await openKeys({ folder: `${folder}-keys`, host: 'writer', peers: {} });
const journal: UncheckedJournal = await openJournal({
  folder,
  host: 'writer',
  signer: keys,
  readHead: headReader(keys, 'writer'),
  now: Date.now,
  anchor: {
    files: stateFiles,
    path: `${folder}-anchor.json`,
    acceptedPath: `${folder}-accepted.json`,
  },
  seal: (text) => sha256(text).slice(0, 22),
  sha256,
});
for (let i = 0; ; i += 1) {
  await Promise.all([0, 1, 2, 3].map((j) => journal.write('tick', { i, j, filler: 'x'.repeat(500 * j) })));
  process.stdout.write(`${i}\n`);
}
