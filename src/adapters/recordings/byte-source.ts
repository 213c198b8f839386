// Bytes of which any part can be read: a file, or what an encrypted file holds.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

export interface ByteSource {
  readonly size: number;
  /** Reads this part. @returns fewer bytes only where the source ends. @throws Error of the system, or Unreadable */
  read(at: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Opens a file, never through a link. @throws Error of the system */
export async function openBytes(path: string): Promise<ByteSource> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = await file.stat();
    return {
      size,
      read: async (at, length) => {
        const buffer = Buffer.allocUnsafe(length);
        let read = 0;
        while (read < length) {
          const { bytesRead } = await file.read(buffer, read, length - read, at + read);
          if (bytesRead === 0) break;
          read += bytesRead;
        }
        return buffer.subarray(0, read);
      },
      close: async () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
