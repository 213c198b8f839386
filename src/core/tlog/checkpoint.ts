// Checkpoints (C2SP tlog-checkpoint): the head of a log as the text of a signed note.
import { decodeBase64, encodeBase64 } from './base64.ts';
import { hashBytes } from './merkle.ts';
import type { TreeHead } from './verify.ts';

export interface Checkpoint extends TreeHead {
  /** Names the log, the same in all its checkpoints. */
  readonly origin: string;
  /** Lines that the log adds, without newlines. Witnesses sign them and say nothing about them. */
  readonly extensions: readonly string[];
}

/** A whole number as the formats of C2SP write it: no sign, no leading zeroes. @returns undefined for anything else */
export function readCount(text: string): number | undefined {
  const value = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A hash as the formats of C2SP write it. @returns undefined for anything else */
export function readHash(text: string): string | undefined {
  const hash = decodeBase64(text);
  return hash?.length === hashBytes ? hash : undefined;
}

/** The text to sign. */
export function printCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, String(size), encodeBase64(root), ...extensions].map((line) => `${line}\n`).join('');
}

/** @param text the text of a note of which a signature was checked. @returns undefined when it is no checkpoint */
export function readCheckpoint(text: string): Checkpoint | undefined {
  const [origin = '', count = '', encoded = '', ...extensions] = text.split('\n').slice(0, -1);
  const [size, root] = [readCount(count), readHash(encoded)];
  if (!text.endsWith('\n') || origin === '' || extensions.includes('')) return undefined;
  return size === undefined || root === undefined ? undefined : { origin, size, root, extensions };
}
