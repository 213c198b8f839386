// Inspects the host: runs programs that only report, and reads files.
//
// 1. A program is searched in root's folders only, gets a fixed environment and no input, and is killed after a time limit. Attack: a
//    changed PATH. Accident: a program that hangs.
// 2. A missing file is an answer; a file that may not be read is NotInspectable. Accident: the doctor, not run as root, calls a host
//    safe.
import { execFile } from 'node:child_process';
import { constants, type Stats } from 'node:fs';
import { access, lstat, readFile } from 'node:fs/promises';
import { NotInspectable } from './not-inspectable.ts';

const folders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'];
// Without COLUMNS sudo wraps its listing at 80 characters.
const env = { PATH: folders.join(':'), LANG: 'C', LC_ALL: 'C', COLUMNS: '100000' };
const outputLimit = 4 * 1024 * 1024;
const programMs = 8_000;

/** What a program printed, and its exit status. */
export interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The path of a program; undefined when it is not installed. */
export async function find(name: string): Promise<string | undefined> {
  for (const folder of folders) if (await isThere(`${folder}/${name}`)) return `${folder}/${name}`;
  return undefined;
}

/** Runs a program (rule 1). @returns its exit status and output. @throws NotInspectable when it is missing or does not end within 8 s. */
export async function run(name: string, args: readonly string[]): Promise<Told> {
  const path = name.startsWith('/') ? name : await find(name);
  if (path === undefined) throw new NotInspectable(`${name} is not installed`);
  const options = { timeout: programMs, killSignal: 'SIGKILL', maxBuffer: outputLimit, env, cwd: '/' } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(path, args, options, (error, out, err) => {
      if (error === null) resolve({ code: 0, out, err });
      else if (typeof error.code === 'number') resolve({ code: error.code, out, err });
      else
        reject(new NotInspectable(error.killed === true ? `${name} did not answer in time` : `${name} cannot be run`));
    });
    child.stdin?.end();
  });
}

/** Whether a file exists. @throws NotInspectable */
export async function isThere(path: string): Promise<boolean> {
  return (await statOf(path)) !== undefined;
}

/** The lstat(2) of a file; undefined when it does not exist. @throws NotInspectable when it may not be inspected. */
export async function statOf(path: string): Promise<Stats | undefined> {
  return orNone(path, lstat(path));
}

/** The text of a file; undefined when it does not exist. @throws NotInspectable when it may not be read. */
export async function textOf(path: string): Promise<string | undefined> {
  return orNone(path, readFile(path, 'utf8'));
}

/** Whether we may read a file; false also when it does not exist. */
export async function mayRead(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function orNone<T>(path: string, look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new NotInspectable(`${path} cannot be read (${code ?? 'unknown error'})`);
  }
}

const width = 4;

/** Runs a function for each element, four at a time: a group may have a thousand members, a host two processors. */
export async function ofEach<T, R>(all: readonly T[], look: (one: T) => Promise<R>): Promise<readonly R[]> {
  const found: R[] = [];
  for (let at = 0; at < all.length; at += width)
    found.push(...(await Promise.all(all.slice(at, at + width).map(look))));
  return found;
}

/** A comment in sudoers(5), where `#` before a number is a uid. */
export const sudoersComment = /#(?!-?\d).*/;

/** The lines of a text, without comments and blank lines. */
export function rowsOf(text: string, comment = /#.*/): string[] {
  return text
    .split('\n')
    .map((row) => row.replace(comment, '').trim())
    .filter((row) => row !== '');
}
