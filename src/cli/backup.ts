// `backup` and `restore`: what a host has that no other has, as one file (tar, compressed by zstd).
//
// 1. Without the anchor of the journal, and what root accepted of it: a restored host cannot tell that records are missing, so its keeper
//    refuses visits until root says that they are (JOURNAL_CHANGED). Attack or accident: a journal is rolled back, and a second history
//    begins that nobody notices.
// 2. Without what must not come back: break-glass codes, of which some may have been used since; refresh tokens; the data of the embedded
//    Redis, in which grants were not yet revoked. People sign in and ask anew. Nor what `init` undoes its changes by: it holds old lines of
//    shadow(5), and is of that host's /etc alone.
// 3. The journal's checkpoint and hashes come before its records, which only grow: what is copied while the keeper writes has all records
//    that are vouched for.
// 4. Nothing is restored over a journal, or while a keeper runs. Accident: evidence is overwritten.
// 5. Only the folders of the policy and of the state are unpacked. Attack: a file that somebody changed writes elsewhere; what it says of the
//    policy is as trusted as the file.
// 6. An encrypted backup is encrypted while it is packed, and decrypted while it is unpacked: no plain byte of it is written anywhere but to
//    its place. What an identity does not open unpacks nothing. Attack: a draft with the signing key is left behind.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename } from 'node:path';
import { Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { journalName } from '../adapters/journal/read.ts';
import { ageMagic, decrypt, encrypt } from '../adapters/recordings/age.ts';
import { Unreadable } from '../adapters/recordings/unreadable.ts';
import { commandExits } from '../core/exits.ts';
import {
  asRoot,
  backupFailed,
  backupOnTerminal,
  backupUsage,
  backupWritten,
  encryptedBackup,
  giveIdentity,
  identityNotReadable,
  journalHere,
  keeperRuns,
  moveAside,
  notABackup,
  notKept,
  nothingToBackUp,
  onlyRoot,
  otherIdentity,
  restored,
  restoreFailed,
  startOnce,
  stopKeeper,
  tarSaid,
  wrongIdentity,
} from '../core/messages/backup.ts';
import { errorLines } from '../core/messages/host.ts';
import { formatSize } from '../core/size.ts';
import { sanitizeLine } from '../core/text.ts';
import type { Layout } from '../wire/layout.ts';

const [policyFolder, stateFolder] = ['etc/tmux-gate', 'var/lib/tmux-gate'];

/** What is not in a backup (rules 1 and 2), and what is made anew from the rest. */
const leftOut = (layout: Layout): ReadonlySet<string> =>
  new Set(
    [
      ...[layout.journalAnchor, layout.journalAccepted],
      ...[layout.breakGlass, layout.refresh, layout.redisData],
      ...[layout.homes, `${layout.state}/search`, `${layout.state}/setup`, layout.journal],
    ].map((path) => basename(path)),
  );

function fail(code: number, say: string, hint: string): number {
  process.stderr.write(errorLines(say, hint));
  return code;
}

const isRoot = (): boolean => process.getuid?.() === 0;

/** What is packed, in the order of rule 3; each below the root folder. */
async function members(layout: Layout): Promise<readonly string[]> {
  const without = leftOut(layout);
  const state = (await readdir(layout.state)).filter((name) => !without.has(name)).sort();
  const records = (await readdir(layout.journal)).filter((name) => name !== 'lock').sort();
  const isLast = (name: string): boolean => name === journalName;
  const journal = [...records.filter((name) => !isLast(name)), ...records.filter(isLast)];
  return [
    policyFolder,
    ...state.map((name) => `${stateFolder}/${name}`),
    ...journal.map((name) => `${stateFolder}/journal/${name}`),
  ];
}

/**
 * Writes a backup.
 * @param to a new file; `-`: standard output
 * @param recipients of age, whom it is encrypted to; none: it is not encrypted
 * @returns the exit code
 */
export async function backup(layout: Layout, to: string | undefined, recipients: readonly string[]): Promise<number> {
  if (!isRoot()) return fail(commandExits.noperm, onlyRoot('backup'), asRoot('backup'));
  if (to === undefined) return fail(commandExits.usage, backupOnTerminal, backupUsage);
  if (to === '-' && process.stdout.isTTY) return fail(commandExits.usage, backupOnTerminal, backupUsage);
  if (!existsSync(layout.journal)) return fail(commandExits.noInput, nothingToBackUp(layout.state), startOnce);
  const words = ['--create', '--warning=no-file-changed', '--warning=no-file-removed', '-C', rootOf(layout), '--'];
  const child = tar([...words, ...(await members(layout))], ['ignore', 'pipe', 'pipe']);
  const ended = told(child, [0, 1]); // 1: a file changed while it was read, which a keeper that writes does
  try {
    const into: Writable = to === '-' ? process.stdout : createWriteStream(to, { flags: 'wx', mode: 0o600 });
    const output = encryptedTo(recipients);
    await pipeline(child.stdout as Readable, createZstdCompress(), output, into, { end: to !== '-' });
    await ended;
  } catch (error) {
    child.kill('SIGKILL');
    ended.catch(() => undefined);
    const { code } = error as NodeJS.ErrnoException;
    if (to !== '-' && code !== 'EEXIST') await rm(to, { force: true });
    return fail(commandExits.cantCreate, backupFailed(code ?? wordsOf(error)), notKept);
  }
  if (to !== '-') process.stdout.write(backupWritten(to, formatSize((await stat(to)).size), recipients.length));
  return 0;
}

type Pieces = AsyncIterable<Buffer>;

/** Rule 6. */
const encryptedTo =
  (recipients: readonly string[]) =>
  (bytes: Pieces): AsyncIterable<Uint8Array> =>
    recipients.length === 0 ? bytes : encrypt(recipients, bytes);

/**
 * Restores a backup to a host without a journal.
 * @param from a file; `-`: standard input
 * @param identity a file with an age identity, for an encrypted one
 * @returns the exit code
 */
export async function restore(layout: Layout, from: string, identity: string | undefined): Promise<number> {
  if (!isRoot()) return fail(commandExits.noperm, onlyRoot('restore'), asRoot('restore'));
  if (await accepts(layout.keeperSocket)) return fail(commandExits.tempfail, keeperRuns, stopKeeper); // rule 4
  if (existsSync(`${layout.journal}/${journalName}`))
    return fail(commandExits.cantCreate, journalHere(layout.journal), moveAside(layout.state));
  const key = identity === undefined ? undefined : await readFile(identity, 'utf8').catch(() => '');
  if (key === '') return fail(commandExits.noInput, identityNotReadable(identity ?? ''), giveIdentity);
  return unpack(layout, from, key);
}

async function unpack(layout: Layout, from: string, identity: string | undefined): Promise<number> {
  const words = ['--extract', '--preserve-permissions', '-C', rootOf(layout), '--', policyFolder, stateFolder]; // rule 5
  const child = tar(words, ['pipe', 'ignore', 'pipe']);
  const ended = told(child, [0]);
  try {
    const source: Readable = from === '-' ? process.stdin : createReadStream(from);
    const plain = (bytes: Pieces): AsyncIterable<Uint8Array> => decrypted(bytes, from, identity);
    await Promise.all([pipeline(source, plain, createZstdDecompress(), readAllFor(child.stdin as Writable)), ended]);
  } catch (error) {
    child.kill('SIGKILL');
    ended.catch(() => undefined);
    if (error instanceof Unreadable)
      return error.why === 'encrypted'
        ? fail(commandExits.noperm, encryptedBackup, giveIdentity)
        : fail(commandExits.noperm, wrongIdentity, otherIdentity);
    const { code } = error as NodeJS.ErrnoException;
    return fail(commandExits.data, restoreFailed(code ?? wordsOf(error)), notABackup);
  }
  // Rule 1, also for an archive that somebody packed by hand.
  for (const path of [layout.journalAnchor, layout.journalAccepted]) await rm(path, { force: true });
  process.stdout.write(restored(from));
  return 0;
}

/**
 * Passes what comes to a program until it reads no more, and takes the rest all the same: tar closes its input at the end of the archive, which
 * is before the end of the file, and the exit code of tar says whether it had what it needs.
 */
function readAllFor(into: Writable): Writable {
  let isOpen = true;
  into.on('error', () => (isOpen = false));
  return new Writable({
    write: (piece: Buffer, _, done) => (isOpen ? void into.write(piece, () => done()) : done()),
    final: (done) => {
      into.end();
      done();
    },
  });
}

/** What a file holds, whether it is encrypted or not (rule 6). @throws Unreadable before the first byte */
async function* decrypted(bytes: Pieces, from: string, identity: string | undefined): AsyncGenerator<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  let isAll: boolean | undefined = false;
  while (start.length < ageMagic.length && isAll !== true) {
    const next = await pieces.next();
    isAll = next.done;
    if (next.done !== true) start = Buffer.concat([start, next.value]);
  }
  const whole = startingWith(start, pieces);
  if (start.toString('latin1', 0, ageMagic.length) !== ageMagic) yield* whole;
  else if (identity === undefined) throw new Unreadable('encrypted', encryptedBackup);
  else yield* decrypt(identity, from, whole);
}

async function* startingWith(start: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield start;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

const rootOf = ({ root }: Layout): string => `${root}/`;
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

type Stdio = readonly ['ignore' | 'pipe', 'ignore' | 'pipe', 'pipe'];

function tar(words: readonly string[], stdio: Stdio): ChildProcess {
  return spawn('/usr/bin/tar', [...words], { stdio: [...stdio], env: { PATH: '/usr/bin:/bin', LANG: 'C' }, cwd: '/' });
}

/** Resolves when tar has ended with one of these codes. @throws Error with what it said last */
async function told(child: ChildProcess, fine: readonly number[]): Promise<void> {
  let said = '';
  child.stderr?.on('data', (piece: Buffer) => (said = `${said}${piece.toString()}`.slice(-2_000)));
  const [code] = (await once(child, 'close')) as [number | null];
  const last = sanitizeLine(said.trim().split('\n').at(-1) ?? '', 200);
  if (code === null || !fine.includes(code)) throw new Error(tarSaid(String(code), last));
}

async function accepts(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
