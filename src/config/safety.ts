// Checks that only root can have written a file.
//
// 1. Owner and mode are read from the OPEN descriptor, and the same descriptor is read. Attack: the file is swapped between check and use.
// 2. The file belongs to root, and neither group nor others may write it, nor read it if it is a secret. (An ACL that lets more people
//    write shows in the group bits: acl(5).) Attack: another account writes the policy or reads a secret.
// 3. Every directory above it belongs to root and is not writable by group or others, unless sticky. Attack: whoever can write a directory
//    replaces the file. Directories are checked before the file is opened.
// 4. No part of the path is a symbolic link. Attack: somebody who can write to a directory of the link points it to another file.
// 5. Opening never blocks and never follows a link (`O_NONBLOCK`, `O_NOFOLLOW`). Attack: a pipe or a device in the file's place makes the
//    keeper wait.
import { constants, type Stats } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { sanitizeLine } from '../core/text.ts';
import { dirname, resolve } from 'node:path';

/** What is required of a file. */
export interface GuardOptions {
  /** Also refuses a file that group or others may read. */
  readonly secret?: boolean;
  /** The largest file that is read, in bytes. */
  readonly maxBytes: number;
}

/** A refused file; `reasons` are sentences that do not repeat its content. */
export class UnsafeFileError extends Error {
  override readonly name = 'UnsafeFileError';
  readonly path: string;
  readonly reasons: readonly string[];

  constructor(path: string, reasons: readonly string[]) {
    super(`${path}: ${reasons.join(' ')}`);
    this.path = path;
    this.reasons = reasons;
  }
}

/**
 * Reads a file that only root can have written.
 * @throws UnsafeFileError with all that is wrong with the file or the directories above it.
 */
export async function readGuarded(path: string, options: GuardOptions): Promise<Buffer> {
  await checkFolders(path);
  await using file = await openGuarded(path);
  const reasons = fileReasons(await file.stat(), options);
  if (reasons.length > 0) throw new UnsafeFileError(path, reasons);
  return await readUpTo(file, path, options.maxBytes);
}

/**
 * Checks that only root can have written a program that another account runs, and that the account may run it.
 * @throws UnsafeFileError with all that is wrong with the file or the directories above it.
 */
export async function checkProgram(path: string): Promise<void> {
  await checkFolders(path);
  await using file = await openGuarded(path);
  const stats = await file.stat();
  const reasons = fileReasons(stats, { maxBytes: Infinity });
  if (stats.isFile() && (stats.mode & 0o011) === 0)
    reasons.push(`Only root can run the program, and it runs as the service account; run chmod 0755.`);
  if (reasons.length > 0) throw new UnsafeFileError(path, reasons);
}

/** Checks that only root can put something at a path. @throws UnsafeFileError with all that is wrong with the directories above it */
export async function checkFolders(path: string): Promise<void> {
  const above = await directoryReasons(path);
  if (above.length > 0) throw new UnsafeFileError(path, above);
}

/**
 * Checks the program of a command, and the files that its other words name. Attack: somebody writes the script that an interpreter is
 * given.
 * @throws UnsafeFileError with all that is wrong with the first bad file.
 */
export async function checkCommand([program = '', ...words]: readonly string[]): Promise<void> {
  await checkProgram(program);
  for (const word of words) if (word.startsWith('/')) await checkWord(word);
}

/** Checks a word that begins like a path; one that names no file passes. @throws UnsafeFileError with all that is wrong with it */
export async function checkWord(path: string): Promise<void> {
  if ((await lstat(path).catch(() => undefined)) === undefined) return;
  const reasons = await directoryReasons(path);
  await using file = await openGuarded(path);
  const stats = await file.stat();
  if (!stats.isDirectory()) reasons.push(...fileReasons(stats, { maxBytes: Infinity }));
  if (reasons.length > 0) throw new UnsafeFileError(path, reasons);
}

async function openGuarded(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw new UnsafeFileError(path, [openReason(error, path)]);
  }
}

function openReason(error: unknown, path: string): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `The file ${sanitizeLine(path, 255)} does not exist.`;
    case 'ELOOP':
      return 'The file is a symbolic link; name the file itself.';
    case 'EACCES':
      return 'The file may not be read by this account; run this as root.';
    case 'ENXIO':
      return 'This is not a regular file.';
    default:
      return `The file cannot be opened (${codeOf(error)}).`;
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown error';
}

function fileReasons(stats: Stats, { secret = false, maxBytes }: GuardOptions): string[] {
  if (!stats.isFile()) return ['This is not a regular file.'];
  const reasons = [];
  if (stats.uid !== 0) reasons.push(`The file belongs to uid ${stats.uid}; it must belong to root (chown root).`);
  if ((stats.mode & 0o022) !== 0) {
    reasons.push(`The file is writable by others than its owner (mode ${modeOf(stats)}); run chmod go-w.`);
  }
  if (secret && (stats.mode & 0o044) !== 0) {
    reasons.push(
      `The file holds a secret that others than its owner can read (mode ${modeOf(stats)}); run chmod 0600.`,
    );
  }
  if (stats.size > maxBytes) reasons.push(`The file is larger than ${maxBytes} bytes.`);
  return reasons;
}

function modeOf(stats: Stats): string {
  return (stats.mode & 0o7777).toString(8).padStart(4, '0');
}

/** What is wrong with the directories above a path, from the root directory down (rules 3 and 4). */
async function directoryReasons(path: string): Promise<string[]> {
  const reasons = await Promise.all(parentsOf(path).map(directoryReason));
  return reasons.filter((reason) => reason !== undefined);
}

function parentsOf(path: string): string[] {
  const parents = [];
  for (let at = dirname(resolve(path)); ; at = dirname(at)) {
    parents.unshift(at);
    if (at === dirname(at)) return parents;
  }
}

async function directoryReason(path: string): Promise<string | undefined> {
  let stats: Stats;
  try {
    stats = await lstat(path);
  } catch (error) {
    return codeOf(error) === 'ENOENT'
      ? `The directory ${path} does not exist.`
      : `${path} cannot be read (${codeOf(error)}).`;
  }
  if (stats.isSymbolicLink()) return `${path} is a symbolic link; write the path without it.`;
  if (!stats.isDirectory()) return `${path} is not a directory.`;
  if (stats.uid !== 0) return `The directory ${path} belongs to uid ${stats.uid}; it must belong to root.`;
  const sticky = (stats.mode & 0o1000) !== 0;
  return (stats.mode & 0o022) === 0 || sticky
    ? undefined
    : `The directory ${path} is writable by others (mode ${modeOf(stats)}).`;
}

/** Reads to the end; refuses a file that has grown past the limit since its size was read. */
async function readUpTo(file: FileHandle, path: string, maxBytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(maxBytes + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
    length += bytesRead;
    if (length > maxBytes) throw new UnsafeFileError(path, [`The file is larger than ${maxBytes} bytes.`]);
    if (bytesRead === 0) return buffer.subarray(0, length);
  }
}
