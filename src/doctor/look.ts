// Looking at the host: programs that only tell, files that are only read.
//
// 1. A program is found in root's folders alone, gets an environment of ours, no input, and ends after its time limit.
// 2. A file that is not there is an answer; one that may not be read is not (Blind).
import { execFile } from 'node:child_process';
import { constants, type Stats } from 'node:fs';
import { access, lstat, readFile } from 'node:fs/promises';
import { NotInspectable } from './not-inspectable.ts';

const folders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'];
// Without COLUMNS sudo folds its listing at 80 characters.
const env = { PATH: folders.join(':'), LANG: 'C', LC_ALL: 'C', COLUMNS: '100000' };
const outputLimit = 4 * 1024 * 1024;
const programMs = 8_000;

export interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Where a program is; undefined when it is not installed. */
export async function find(name: string): Promise<string | undefined> {
  for (const folder of folders) if (await isThere(`${folder}/${name}`)) return `${folder}/${name}`;
  return undefined;
}

/** @throws Blind when the program is missing or does not end in time. */
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

export async function isThere(path: string): Promise<boolean> {
  return (await statOf(path)) !== undefined;
}

/** Undefined when there is nothing. @throws Blind when it may not be looked at. */
export async function statOf(path: string): Promise<Stats | undefined> {
  return orNone(path, lstat(path));
}

/** Undefined when there is no such file. @throws Blind when it may not be read. */
export async function textOf(path: string): Promise<string | undefined> {
  return orNone(path, readFile(path, 'utf8'));
}

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
    throw new NotInspectable(`${path} cannot be looked at (${code ?? 'unknown error'})`);
  }
}

const width = 4;

/** The same for each of many, a few at a time: a group may have a thousand members, a host two cores. */
export async function ofEach<T, R>(all: readonly T[], look: (one: T) => Promise<R>): Promise<readonly R[]> {
  const found: R[] = [];
  for (let at = 0; at < all.length; at += width)
    found.push(...(await Promise.all(all.slice(at, at + width).map(look))));
  return found;
}

/** The lines of a text, without comments and blanks. */
export function rowsOf(text: string): string[] {
  return text
    .split('\n')
    .map((row) => row.replace(/#.*/, '').trim())
    .filter((row) => row !== '');
}
