// Encrypted recordings and backups: files of age (C2SP age, https://c2sp.org/age), which age(1) opens as well.
//
// 1. Both directions stream: memory does not grow with the recording.
// 2. A reader starts anywhere: the payload is chunks of 64 KiB that each open alone. A chunk that was changed, swapped or is missing at the end
//    does not open (section "Payload").
// 3. The header's MAC is verified before a chunk is opened.
import { createDecipheriv, hkdfSync } from 'node:crypto';
import { Decrypter, Encrypter } from 'age-encryption';
import type { ByteSource } from './byte-source.ts';
import { Unreadable } from './unreadable.ts';
import { FrameFault } from './zstd-seekable.ts';

const chunkBytes = 64 * 1024;
const tagBytes = 16;
const nonceBytes = 16;
const headerLimit = 64 * 1024;

/** How a file of age begins. */
export const ageMagic = 'age-encryption.org/v1\n';

type Bytes = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Encrypts to recipients (`age1...`) while it reads (rule 1). @throws Error when a recipient is none; what `bytes` throws */
export async function* encrypt(recipients: readonly string[], bytes: Bytes): AsyncGenerator<Uint8Array> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const encrypted = await encrypter.encrypt(ReadableStream.from<Uint8Array>(bytes));
  yield* encrypted as unknown as AsyncIterable<Uint8Array>;
}

/**
 * Decrypts a whole stream while it reads (rules 1 and 3).
 * @param path how it is named where it does not open
 * @throws Unreadable (`wrong-identity`) before the first byte; Error where the stream was changed or is cut; what `bytes` throws
 */
export async function* decrypt(identity: string, path: string, bytes: Bytes): AsyncGenerator<Uint8Array> {
  const source = ReadableStream.from<Uint8Array>(bytes);
  const opened = await withIdentity(identity, path, async (decrypter) => decrypter.decrypt(source));
  yield* opened as unknown as AsyncIterable<Uint8Array>;
}

/**
 * Opens what an encrypted file holds (rules 2 and 3). It closes the file.
 * @param identity as age-keygen(1) writes it: lines `AGE-SECRET-KEY-1...`; comments are passed over
 * @throws Unreadable (`wrong-identity`); FrameFault when it is no such file
 */
export async function openAge(file: ByteSource, path: string, identity: string): Promise<ByteSource> {
  const start = await file.read(0, headerLimit);
  const mac = start.indexOf('\n--- ');
  const end = start.indexOf('\n', mac + 1) + 1;
  if (mac < 0 || end === 0) throw new FrameFault('it does not begin as a file of age');
  const header = start.subarray(0, end);
  const fileKey = await withIdentity(identity, path, async (decrypter) => decrypter.decryptHeader(header)); // rule 3
  const nonce = await file.read(end, nonceBytes);
  const key = Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
  const size = file.size - end - nonceBytes;
  const chunks = Math.ceil(size / (chunkBytes + tagBytes));
  if (size < chunks * tagBytes || chunks < 1) throw new FrameFault('it is cut');
  const plainSize = size - chunks * tagBytes;
  const chunk = lastOne(async (index) => {
    const sealed = await file.read(end + nonceBytes + index * (chunkBytes + tagBytes), chunkBytes + tagBytes);
    return openChunk(key, sealed, index, index === chunks - 1);
  });
  return {
    size: plainSize,
    read: async (at, length) => {
      const to = Math.min(at + length, plainSize);
      const parts: Buffer[] = [];
      for (let from = at; from < to;) {
        const index = Math.floor(from / chunkBytes);
        const part = (await chunk(index)).subarray(from - index * chunkBytes, to - index * chunkBytes);
        parts.push(part);
        from += part.length;
      }
      return Buffer.concat(parts);
    },
    close: async () => file.close(),
  };
}

/** @throws Unreadable (`wrong-identity`) where the header does not open */
async function withIdentity<T>(identity: string, path: string, open: (decrypter: Decrypter) => Promise<T>): Promise<T> {
  const decrypter = new Decrypter();
  const lines = identity.split(/\r?\n/).map((line) => line.trim());
  try {
    for (const line of lines) if (line !== '' && !line.startsWith('#')) decrypter.addIdentity(line);
    return await open(decrypter);
  } catch (cause) {
    throw new Unreadable('wrong-identity', `${path} does not open with this identity`, cause);
  }
}

/** Rule 2: ChaCha20-Poly1305; the nonce is the chunk's number, and whether it is the last. */
function openChunk(key: Buffer, sealed: Buffer, index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagBytes });
  try {
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]);
  } catch (cause) {
    throw new FrameFault(`its chunk ${index} was changed, or it is cut`, { cause });
  }
}

/** Keeps the last chunk, since ranges follow each other. */
function lastOne(read: (index: number) => Promise<Buffer>): (index: number) => Promise<Buffer> {
  let known = -1;
  let chunk: Buffer = Buffer.alloc(0);
  return async (index) => {
    if (index !== known) [known, chunk] = [index, await read(index)];
    return chunk;
  };
}
