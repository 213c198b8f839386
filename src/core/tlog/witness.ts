// What a witness does (C2SP tlog-witness): it signs the newest checkpoint of somebody else's log, and never two that contradict each other.
//
// 1. Only a checkpoint that the log's own key signed counts. Attack: whoever can write to the store has a checkpoint of theirs cosigned, or
//    causes an alarm.
// 2. A checkpoint is cosigned only if it is proved to begin with all records of the last one that was cosigned, whose root the witness has
//    kept itself. Attack: root of the log's host rewrites a record, cuts the end, restores yesterday's files or starts a second log.
// 3. There is one way to read a request, of limited length. Attack: two readers see two requests; one that fills the memory.
import { encodeBase64 } from './base64.ts';
import { readCheckpoint, readCount, readHash, type Checkpoint } from './checkpoint.ts';
import type { Hash, Sha256 } from './merkle.ts';
import {
  cosignatureBytes,
  keyIdOf,
  readNote,
  signatureLine,
  signersOf,
  type Checks,
  type Note,
  type NoteKey,
  type SignatureLine,
} from './note.ts';
import { isConsistent, type TreeHead } from './verify.ts';

/** A log asks for a cosignature (`add-checkpoint`). */
export interface CheckpointRequest {
  /** The size that the witness cosigned last, as far as the log knows; 0 when it knows of none. */
  readonly old: number;
  /** That the tree of this size is the beginning of the checkpoint's (RFC 6962 section 2.1.2). */
  readonly proof: readonly Hash[];
  /** The signed note. */
  readonly checkpoint: string;
}

/** The longest request, in characters: 63 hashes and a checkpoint with cosignatures are some 6,000. */
export const requestLimit = 64 * 1024;
const proofLimit = 63;

export function printCheckpointRequest({ old, proof, checkpoint }: CheckpointRequest): string {
  return [`old ${old}`, ...proof.map(encodeBase64), '', checkpoint].join('\n');
}

/** Rule 3. @returns undefined when it is no request */
export function readCheckpointRequest(text: string): CheckpointRequest | undefined {
  const end = text.indexOf('\n\n');
  if (text.length > requestLimit || end < 0) return undefined;
  const [first, ...lines] = text.slice(0, end).split('\n') as [string, ...string[]];
  const old = first.startsWith('old ') ? readCount(first.slice('old '.length)) : undefined;
  const proof = lines.map(readHash).filter((hash) => hash !== undefined);
  if (old === undefined || proof.length !== lines.length || proof.length > proofLimit) return undefined;
  return { old, proof, checkpoint: text.slice(end + 2) };
}

/** What a witness knows of a log. */
export interface KnownLog {
  readonly origin: string;
  readonly keys: readonly NoteKey[];
  /** What it cosigned last; undefined at first. */
  readonly last: TreeHead | undefined;
}

/**
 * How a signed checkpoint contradicts what was cosigned. `smaller`: it has fewer records; `other-root`: as many, and others; `not-continued`:
 * more, which do not continue those that were cosigned.
 */
export const contradictions = ['smaller', 'other-root', 'not-continued'] as const;
export type Contradiction = (typeof contradictions)[number];

/** A checkpoint that the log signed, with no signature but the log's. */
export interface SignedCheckpoint {
  readonly note: Note;
  readonly checkpoint: Checkpoint;
}

/** The answer to a request, by its HTTP status in the specification. */
export type Judgement =
  | ({ readonly status: 200 } & SignedCheckpoint)
  | { readonly status: 400 | 403 | 404 }
  | ({ readonly status: 400; readonly contradiction: Contradiction } & Refusal)
  | ({ readonly status: 409 | 422; readonly contradiction?: Contradiction } & Refusal);

interface Refusal extends SignedCheckpoint {
  /** What the witness cosigned last; 0 for nothing. */
  readonly size: number;
}

/** Rules 1 and 2. With status 200 the caller keeps the checkpoint first and signs it then. */
export function judge(checks: Checks, logs: readonly KnownLog[], text: string): Judgement {
  const request = readCheckpointRequest(text);
  const note = readNote(request?.checkpoint ?? '');
  const checkpoint = readCheckpoint(note?.text ?? '');
  if (request === undefined || note === undefined || checkpoint === undefined) return { status: 400 };
  const log = logs.find(({ origin }) => origin === checkpoint.origin);
  if (log === undefined) return { status: 404 };
  if (signersOf(checks, note, log.keys) === undefined) return { status: 403 };
  const isTheirs = (line: SignatureLine): boolean => log.keys.some((key) => isBy(checks.sha256, line, key));
  const signed = { note: { ...note, signatures: note.signatures.filter(isTheirs) }, checkpoint };
  return compared(checks.sha256, log.last, request, signed);
}

function isBy(sha256: Sha256, { name, keyId }: SignatureLine, key: NoteKey): boolean {
  return name === key.name && keyId === keyIdOf(sha256, key);
}

/** Rule 2. */
function compared(
  sha256: Sha256,
  last: TreeHead | undefined,
  { old, proof }: CheckpointRequest,
  signed: SignedCheckpoint,
): Judgement {
  const { checkpoint } = signed;
  const refusal = { ...signed, size: last?.size ?? 0 };
  const isSmaller = checkpoint.size < refusal.size;
  if (old > checkpoint.size) return isSmaller ? { status: 400, contradiction: 'smaller', ...refusal } : { status: 400 };
  if (isSmaller) return { status: 409, contradiction: 'smaller', ...refusal };
  if (last?.size === checkpoint.size && last.root !== checkpoint.root)
    return { status: 409, contradiction: 'other-root', ...refusal };
  if (old !== refusal.size) return { status: 409, ...refusal };
  if (last === undefined) return proof.length === 0 ? { status: 200, ...signed } : { status: 422, ...refusal };
  if (isConsistent(sha256, last, checkpoint, proof)) return { status: 200, ...signed };
  return { status: 422, contradiction: 'not-continued', ...refusal };
}

/** @param time seconds since the epoch @param signature of `cosignedMessage`, 64 bytes @returns the line of a note */
export function cosignatureLine(sha256: Sha256, key: NoteKey, time: number, signature: string): string {
  return signatureLine({ name: key.name, keyId: keyIdOf(sha256, key), signature: cosignatureBytes(time, signature) });
}

/**
 * Adds the cosignature that a witness answered, in the place of an older one.
 * @param note a note of ours
 * @param answer the signature lines that the witness sent; those of other keys are passed over
 * @returns undefined when none of them is a cosignature of this note by this key
 */
export function withCosignature(checks: Checks, note: Note, answer: string, key: NoteKey): Note | undefined {
  const given = readNote(`${note.text}\n${answer}`);
  if (given === undefined || witnessesOf(checks, given, [key]).length === 0) return undefined;
  const isTheirs = (line: SignatureLine): boolean => isBy(checks.sha256, line, key);
  const signatures = [
    ...note.signatures.filter((line) => !isTheirs(line)),
    ...given.signatures.filter(isTheirs).slice(0, 1),
  ];
  return { ...note, signatures };
}

/** Who cosigned a checkpoint, and when (instant, ms). */
export interface Cosigner {
  readonly name: string;
  readonly at: number;
}

/**
 * The witnesses whose cosignatures a note has.
 * @param keys those that are trusted: keys of notes among them are passed over
 * @returns none, too, when one of their signatures does not hold
 */
export function witnessesOf(checks: Checks, note: Note, keys: readonly NoteKey[]): readonly Cosigner[] {
  const signed = signersOf(checks, note, keys) ?? [];
  return signed.flatMap(({ key, at }) => (at === undefined ? [] : [{ name: key.name, at }]));
}
