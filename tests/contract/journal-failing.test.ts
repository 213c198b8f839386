// A disk that fails under the journal although it has room (src/adapters/journal/journal.ts, rule 7): on a real file, of which one call fails.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { mkdtemp, open as openFile, readFile, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headReader } from '../../src/adapters/journal/heads.ts';
import { openJournal, type UncheckedJournal } from '../../src/adapters/journal/journal.ts';
import { verifyJournal } from '../../src/adapters/journal/verify.ts';
import { openKeys } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'tmux-gate-journal-'));
});
afterEach(async () => {
  jest.restoreAllMocks();
  jest.useRealTimers();
  await rm(base, { recursive: true });
});

/** What all open files share. */
async function methodsOfFiles(): Promise<FileHandle> {
  await using handle = await openFile('/dev/null');
  return Object.getPrototypeOf(handle) as FileHandle;
}

test.each(['EIO', 'EROFS'])(
  'a write that fails with %s is told until one succeeds, which a head does by itself',
  async (code) => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const keys = await openKeys({ folder: join(base, 'keys'), host: 'box', peers: {} });
    const folder = join(base, 'journal');
    const readHead = headReader(keys, 'box');
    const journal: UncheckedJournal = await openJournal({
      ...{ folder, anchor: undefined, host: 'box', now: Date.now, sha256, signer: keys, readHead },
      seal: (what) => keys.seal(what),
    });
    expect(journal.failing).toBeUndefined();
    const failure = Object.assign(new Error(code), { code });
    const datasync = jest.spyOn(await methodsOfFiles(), 'datasync').mockRejectedValue(failure);
    await expect(journal.write('tick', {})).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
    expect(journal.failing).toBe(code);
    datasync.mockRestore();
    jest.advanceTimersByTime(60_000);
    jest.useRealTimers();
    await journal.write('tick', {}); // behind the head, in the order of the calls
    expect(journal.failing).toBeUndefined();
    await journal.close();
    const lines = (await readFile(join(folder, 'journal.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'opened',
      'head',
      'tick',
      'head',
    ]);
    const verdict = await verifyJournal({ folder, verifyHead: readHead, sha256 });
    expect(verdict).toMatchObject({ ok: true, head: 'matches', torn: false });
  },
);
