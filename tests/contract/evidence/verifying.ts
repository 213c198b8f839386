// Makes archives of evidence, good and tampered with, and runs both verifiers on them.
import { expect } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createHash } from 'node:crypto';
import { accessFiles, type ArchiveFile, type MakeDeps } from '../../../src/evidence/access-files.ts';
import { findAccess } from '../../../src/evidence/find-access.ts';
import { writeArchive } from '../../../src/evidence/write-archive.ts';
import { castOf, EvidenceLog, sha256, signer, type Signer } from '../../harness/evidence-log.ts';

const source = join(import.meta.dirname, '../../../src/evidence');
export const script = join(source, 'verify.sh');
export const started = Date.parse('2026-07-01T10:00:00Z');
export const made = started + 9_000_000;

export const reader = (name: string): ArchiveFile => ({ name, content: readFileSync(join(source, name)) });

export async function depsOf(log: EvidenceLog, by?: Signer): Promise<MakeDeps> {
  return {
    ...{ view: await log.view(by), sha256, now: made, readers: [reader('verify.sh'), reader('VERIFY.md')] },
    recording: (_, file) => {
      const endings = ['.cast.zst', '.cast.zst.age'] as const;
      const found = endings
        .map((ending) => ({ ending, path: join(log.recordings, file.replace(/\.cast$/, ending)) }))
        .find(({ path }) => existsSync(path));
      return Promise.resolve(found && { ...found, bytes: statSync(found.path).size });
    },
  };
}

/** The files of an access, all in memory, so that a test can change them. */
export async function filesOf(log: EvidenceLog, id: string, by?: Signer): Promise<Map<string, Buffer>> {
  const deps = await depsOf(log, by);
  const access = findAccess(deps.view, id);
  if (access === undefined) throw new Error(`nothing has the id ${id}`);
  const files = await accessFiles(deps, id, access);
  return new Map(
    files.map(({ name, content }) => [name, Buffer.isBuffer(content) ? content : readFileSync(content.path)]),
  );
}

/** A folder for a test's archives, removed with it. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'evidence-'));
  #count = 0;

  next(name: string): string {
    this.#count += 1;
    return join(this.folder, `${String(this.#count)}-${name}`);
  }

  /** Writes a tar, with its list of digests made anew: what somebody would do who changed a file. */
  async archive(files: ReadonlyMap<string, Buffer>): Promise<string> {
    const path = this.next('e.tar');
    await writeArchive(
      path,
      'evidence-K7QF2M',
      [...files].map(([name, content]) => ({ name, content })),
    );
    return path;
  }

  /** Writes a folder, with its list of digests made anew, as `archive` does. */
  summed(files: ReadonlyMap<string, Buffer>): string {
    const depth = (name: string): number => name.split('/').length;
    const names = [...files.keys()].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
    const sums = names.map((name) => `${hex(files.get(name) ?? '')}  ${name}\n`).join('');
    return this.unpacked(new Map(files).set('SHA256SUMS', Buffer.from(sums)));
  }

  /** Writes files as they are. */
  unpacked(files: ReadonlyMap<string, Buffer>): string {
    const folder = this.next('e');
    for (const [name, content] of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    return folder;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Outcome {
  readonly code: number;
  readonly said: string;
}

const run = promisify(execFile);

/** @param env instead of ours */
export async function outcome(program: string, words: readonly string[], env = process.env): Promise<Outcome> {
  return run(program, words, { maxBuffer: 1 << 24, env }).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, said: stdout + stderr };
    },
  );
}

/** The script of this source, never that of the archive. */
export const verify = async (target: string, ...options: readonly string[]): Promise<Outcome> =>
  outcome('dash', [script, ...options, target]);

const inPython =
  (program: string) =>
  async (folder: string, ...key: readonly string[]): Promise<Outcome> =>
    // -B: no file with its bytecode beside it
    outcome('/usr/bin/python3', ['-B', join(import.meta.dirname, program), folder, ...key]);

/** The second verifier: log, proofs and recordings. */
export const verifyShortly = inPython('verify.py');

/** The second verifier, with the whole story that the records tell. */
export const verifyInPython = inPython('verify_story.py');

/** The second verifier of a period. */
export const verifyPeriodInPython = inPython('verify_tables.py');

export async function unpack(work: Workplace, tar: string): Promise<string> {
  const folder = work.next('x');
  mkdirSync(folder);
  await run('tar', ['xf', tar, '-C', folder]);
  return join(folder, 'evidence-K7QF2M');
}

/** Another byte in its place. */
export function flipped(content: Buffer, at: number, bits = 1): Buffer {
  const changed = Buffer.from(content);
  changed[at] = (changed[at] ?? 0) ^ bits;
  return changed;
}

/** A content with one byte changed: the one in the middle, the first, the last, the middle one as NUL, the last character of base64, and some between. */
export function changes(content: Buffer): readonly Buffer[] {
  const middle = Math.floor(content.length / 2);
  const padding = content.lastIndexOf('=') - 1;
  const between = [1, 2, 4].map((fifths) => Math.floor((content.length * fifths) / 5));
  return [
    flipped(content, middle),
    flipped(content, middle, content[middle]),
    ...(padding < 0 ? [] : [flipped(content, padding)]),
    ...[0, content.length - 1, ...between].map((at) => flipped(content, at)),
  ].filter((changed) => !changed.equals(content));
}

/** Of proofs and the like, one of each kind. */
export function oneOfEach(files: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> {
  return new Map(
    [...files].filter(([name], at, all) => all.findIndex(([other]) => kindOf(other) === kindOf(name)) === at),
  );
}
const kindOf = (name: string): string => name.replace(/\d+/g, '');

/** The files that prove something: without the texts for the reader, and without what the archive says of itself. */
export const provingOf = (files: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> =>
  new Map([...files].filter(([name]) => !/^VERIFY|^verify|^evidence/.test(name)));

/** A good archive of one access, and others that were made of it. */
export class Example {
  readonly work = new Workplace();
  readonly log = new EvidenceLog(this.work.next('log'));
  good: ReadonlyMap<string, Buffer> = new Map();

  async make(): Promise<void> {
    this.log.witnesses.push(signer('tmux-gate/peer', 'cosignature'));
    this.log.others(3).policy().others(9);
    this.log.access({ request: 'K7QF2M', start: started, recording: castOf(60) }).others(4);
    this.log.access({ request: 'ZZZZZZ', login: 'carol', by: 'dave', start: started + 4_000_000 }).others(2);
    this.good = await filesOf(this.log, 'K7QF2M');
  }

  changed(name: string, content: Buffer | string): Map<string, Buffer> {
    return new Map(this.good).set(name, Buffer.from(content));
  }

  without(...names: readonly string[]): Map<string, Buffer> {
    return new Map([...this.good].filter(([name]) => !names.includes(name)));
  }

  textOf(name: string): string {
    return this.good.get(name)?.toString('latin1') ?? '';
  }

  records(): string[] {
    return this.textOf('records.jsonl').split('\n').slice(0, -1);
  }

  /** The records without some, and without their proofs. */
  leavingOut(isLeftOut: (line: string) => boolean): ReadonlyMap<string, Buffer> {
    const lines = this.records();
    const gone = lines.filter(isLeftOut);
    if (gone.length === 0) throw new Error('nothing was left out');
    const left = lines.filter((line) => !isLeftOut(line)).map((line) => `${line}\n`);
    const files = this.without(...gone.map((line) => `proofs/${String(numberIn(line))}.tlog-proof`));
    return files.set('records.jsonl', Buffer.from(left.join('')));
  }

  /** With each signature line of the checkpoint changed, in the checkpoint and in every proof alike. */
  signedOtherwise(change: (line: string) => string): ReadonlyMap<string, Buffer> {
    const text = this.good.get('checkpoint')?.toString() ?? '';
    const changed = text.replace(/^\u2014 .*$/gm, (line) => change(line));
    if (changed === text) throw new Error('nothing was changed');
    return new Map(
      [...this.good].map(([name, content]) => {
        const isOf = name === 'checkpoint' || name.startsWith('proofs/');
        return [name, isOf ? Buffer.from(content.toString().replace(text, changed)) : content];
      }),
    );
  }

  /** Both verifiers say no, although the list of digests was made anew. @returns what the script said */
  async refused(files: ReadonlyMap<string, Buffer>, ...options: readonly string[]): Promise<string> {
    const folder = this.work.summed(files);
    const second = options.length === 0 ? verifyInPython(folder) : undefined;
    const { code, said } = await verify(folder, ...options);
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining('NOT VERIFIED: ') });
    expect(said).not.toContain('\nVERIFIED');
    if (second !== undefined) expect(await second).toMatchObject({ code: 1 });
    return said;
  }
}

export const numberIn = (line: string): number => (JSON.parse(line) as { n: number }).n;
export const hex = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
