// What must hold on a host whose power was cut (until-power-cut.ts): as its disk is, before any keeper has run, and after it was booted.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outcome } from '../sandbox/exec.ts';
import { expect, tell } from './act.ts';
import type { BootedHost } from './booted-host.ts';
import type { BeforeCut } from './until-power-cut.ts';

/** As `audit verify --json` says it. */
interface Verified {
  readonly ok: boolean;
  readonly records: number;
  readonly recordings: {
    readonly ok: boolean;
    readonly unproved: readonly { readonly connection: string; readonly bytes: number }[];
  };
}

type JournalRecord = Readonly<Record<string, unknown>>;

const recordsOf = (root: string, event: string, connection: string): readonly JournalRecord[] =>
  readFileSync(join(root, 'var/lib/tmux-gate/journal/journal.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JournalRecord)
    .filter((record) => record['event'] === event && record['connection'] === connection);

/** The disk as it is after the cut, while the host is off. @throws Error when something does not hold */
export async function expectAfterCut(root: string, { connection, records, ranges }: BeforeCut): Promise<void> {
  const [file = ''] = globSync(join(root, `var/lib/tmux-gate/recordings/*/${connection}.cast`));
  const recorded = existsSync(file) ? readFileSync(file, 'latin1') : '';
  expect('what was synced is there', recorded.includes('42-on-disk'), file);
  expect('what was in memory alone is lost', !recorded.includes('42-in-memory-too'), 'the cut took nothing');
  const { code, stdout, stderr } = await outcome('chroot', [root, '/usr/sbin/tmux-gate', 'audit', 'verify', '--json']);
  const found = (stdout === '' ? {} : JSON.parse(stdout)) as Verified;
  expect('the journal and all journaled ranges verify', code === 0 && found.ok, stdout + stderr);
  expect('no record that was on disk is missing', found.records >= records, found);
  const known = recordsOf(root, 'recording-range', connection).length;
  expect('no range that was on disk is missing', known >= ranges && ranges > 0, { known, ranges });
  const { unproved } = found.recordings;
  expect('what came after the last range counts as unproved', unproved[0]?.connection === connection, unproved);
  tell(
    `The power was cut: all ${known} ranges verify, and ${unproved[0]?.bytes ?? 0} bytes after them are said to be unproved.`,
  );
}

/** The host, booted again. @throws Error when something does not hold */
export async function expectAfterBoot(host: BootedHost, { connection }: BeforeCut): Promise<void> {
  await host.until('tmux-gate connections');
  await host.until(`ls /var/lib/tmux-gate/recordings/*/${connection}.cast.zst`);
  expect('nobody is connected', (await host.sh('tmux-gate connections --json')).trim() === '[]', 'somebody is');
  expect('its end is journaled', recordsOf(host.root, 'disconnected', connection).length === 1, connection);
  const [closed] = recordsOf(host.root, 'recording-closed', connection);
  expect(
    'the record of its end tells the late bytes',
    String(closed?.['why']).includes('only from a later keeper'),
    closed,
  );
  await host.sh('tmux-gate audit verify');
  expect(
    'what was on disk can be read',
    (await host.sh(`tmux-gate replay ${connection} --text`)).includes('42-on-disk'),
    '',
  );
  tell('Booted again: the connection is ended, its recording sealed, and the journal verifies.');
}
