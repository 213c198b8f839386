// Documents: what the index of `find` holds instead of rows. Each has texts of one recording, of about 64 kB, compressed, and the words by
// which it is found. A document for each row would make the index larger than the recordings.
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** A text that stood on the screen or was typed. */
export interface TimedText {
  /** Seconds since the beginning of the recording. */
  readonly at: number;
  /** One line. */
  readonly text: string;
}

/** A document as it is stored. */
export interface PackedDocument {
  readonly isTyped: boolean;
  /** Each different text once, for the index of three characters. */
  readonly words: string;
  /** `packed` texts with their times. */
  readonly packed: Uint8Array;
}

/** Characters of a document. */
const size = 64 * 1024;
const longestBytes = 64 * 1024 * 1024;
/**
 * Room for most documents in one piece: Node's pieces of 16 kB take twice the time. Below 128 KiB, from where on malloc(3) takes new
 * pages of the kernel each time, which costs a tenth more.
 */
const usualBytes = 88 * 1024;
/** With a checksum, so that a damaged document is noticed when it is read (RFC 8878 section 3.1.1). */
const params = { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 };

/** Collects texts, and calls `take` for each document that is full. */
export class DocumentMaker {
  readonly #isTyped: boolean;
  readonly #take: (document: PackedDocument) => void;
  #different = new Set<string>();
  #lines: string[] = [];
  #length = 0;

  constructor(isTyped: boolean, take: (document: PackedDocument) => void) {
    this.#isTyped = isTyped;
    this.#take = take;
  }

  add({ at, text }: TimedText): void {
    const line = text.normalize('NFC');
    this.#lines.push(`${Math.round(at * 1000).toString(36)}\t${line}\n`);
    this.#different.add(line);
    this.#length += line.length + 1;
    if (this.#length >= size) this.end();
  }

  /** The last document. */
  end(): void {
    if (this.#lines.length === 0) return;
    const packed = zstdCompressSync(this.#lines.join(''), { params });
    const words = Array.from(this.#different).join('\n');
    this.#take({ isTyped: this.#isTyped, words, packed });
    this.#different = new Set();
    this.#lines = [];
    this.#length = 0;
  }
}

/** The texts of a document in one piece (UTF-8), to look whether it is worth to take them apart. @throws Error when it is damaged */
export function unpack(packed: Uint8Array): Buffer {
  return zstdDecompressSync(packed, { maxOutputLength: longestBytes, chunkSize: usualBytes });
}

/**
 * The texts of an unpacked document, in the order in which they were added.
 * @param needle only those that hold it, and perhaps some others
 */
export function* textsOf(document: string, needle = ''): Generator<TimedText> {
  for (let from = 0; from < document.length;) {
    if (needle !== '') {
      const found = document.indexOf(needle, from);
      if (found < 0) return;
      from = document.lastIndexOf('\n', found) + 1;
    }
    const tab = document.indexOf('\t', from);
    const end = document.indexOf('\n', tab);
    yield { at: parseInt(document.slice(from, tab), 36) / 1000, text: document.slice(tab + 1, end) };
    from = end + 1;
  }
}
