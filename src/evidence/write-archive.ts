// Writes an archive: a tar with one folder, whose last file is the list of the digests of all others.
//
// 1. It appears under its name when it is whole, and is root's alone. Accident: half an archive is handed on.
// 2. What is there under that name is not overwritten. Accident: evidence that was handed on is replaced.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { largestFile, longestName, tarEnd, tarHeader, tarPadding } from '../core/evidence/tar.ts';
import type { ArchiveFile } from './access-files.ts';

/** The archive as it lies on disk. */
export interface Written {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** @param path must not exist @param folder the name of the folder in it. @throws Error of the system, EEXIST among them */
export async function writeArchive(path: string, folder: string, files: readonly ArchiveFile[]): Promise<Written> {
  const draft = join(dirname(path), `.${randomUUID()}.evidence`);
  try {
    {
      await using file = await open(draft, 'wx', 0o600);
      const tar = new Tar(file, folder);
      const digests: string[] = [];
      for (const one of [...files].sort(byName)) digests.push(`${await tar.add(one)}  ${one.name}\n`);
      await tar.add({ name: 'SHA256SUMS', content: Buffer.from(digests.join('')) });
      const written = await tar.end();
      await file.sync();
      await link(draft, path);
      return written;
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** As verify.sh lists them: hidden files, those of the folder, those of the folders in it; each by its bytes. */
function byName({ name: a }: ArchiveFile, { name: b }: ArchiveFile): number {
  const depth = (name: string): number => name.split('/').length;
  return depth(a) - depth(b) || (a < b ? -1 : 1);
}

class Tar {
  readonly #file: FileHandle;
  readonly #folder: string;
  readonly #digest = createHash('sha256');
  #bytes = 0;

  constructor(file: FileHandle, folder: string) {
    this.#file = file;
    this.#folder = folder;
  }

  /** @returns the SHA-256 of the file, hex */
  async add({ name, content }: ArchiveFile): Promise<string> {
    const size = Buffer.isBuffer(content) ? content.length : content.bytes;
    const full = `${this.#folder}/${name}`;
    if (full.length > longestName || size > largestFile) throw new RangeError(`${full} is too large for a tar`);
    await this.#write(Buffer.from(tarHeader(full, size), 'latin1'));
    const digest = createHash('sha256');
    let written = 0;
    for await (const piece of piecesOf(content)) {
      digest.update(piece);
      await this.#write(piece);
      written += piece.length;
    }
    if (written !== size) throw new Error(`${full} became shorter while it was read`);
    await this.#write(Buffer.alloc(tarPadding(size)));
    return digest.digest('hex');
  }

  async end(): Promise<Written> {
    await this.#write(Buffer.from(tarEnd, 'latin1'));
    return { bytes: this.#bytes, sha256: this.#digest.digest('hex') };
  }

  async #write(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) done += (await this.#file.write(bytes, done)).bytesWritten;
    this.#digest.update(bytes);
    this.#bytes += bytes.length;
  }
}

async function* piecesOf(content: ArchiveFile['content']): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(content)) yield content;
  else if (content.bytes > 0)
    yield* createReadStream(content.path, { end: content.bytes - 1 }) as AsyncIterable<Buffer>;
}
