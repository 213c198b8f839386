// Reads signed heads: what says how many records there are, signed by the host. They lie beside the journal and inside it.
//
// 1. A head is a checkpoint (checkpoints.ts). Journals of earlier versions have heads of another kind, a JWS with the digest of the last
//    record; they count as before. Attack: what was signed once is no longer looked at, and an old record can be edited.
import { digestShape } from '../../core/request.ts';
import { integer, object, parseJson } from '../../core/shape.ts';
import type { Hash } from '../../core/tlog/merkle.ts';
import type { NoteKey } from '../../core/tlog/note.ts';
import type { Keys } from '../keys.ts';
import { logKeyOf, noteChecks, openCheckpoint, originOf } from './checkpoints.ts';
import type { JournalRecord } from './read.ts';

/** What a head of an earlier version says: the number of records, and the digest of the last one's line (hex). */
interface LastLine {
  readonly n: number;
  readonly hash: string;
}

/** What a checkpoint says: the number of records, and the root of their tree. */
interface Root {
  readonly n: number;
  readonly root: Hash;
}

export type Head = LastLine | Root;

/** What a signed head says; undefined when no key of ours signed it. */
export type VerifyHead = (text: string) => Promise<Head | undefined>;

const headShape = object({ n: integer(0), hash: digestShape });

/** Reads the heads of a host (rule 1). @param host whose; its key is one of `keys` */
export function headReader(keys: Pick<Keys, 'publicKey'>, host: string): VerifyHead {
  return headReaderFor(logKeyOf(host, keys.publicKey(host) ?? ''));
}

/** Reads the heads that a key signed (rule 1), on any machine. */
export function headReaderFor(key: NoteKey): VerifyHead {
  return async (text) => {
    if (!text.includes('\n')) return Promise.resolve(oldHead(text, key));
    const checkpoint = openCheckpoint(text, key);
    return Promise.resolve(checkpoint && { n: checkpoint.size, root: checkpoint.root });
  };
}

/** A head of an earlier version: a compact JWS (RFC 7515) of the same key, of which there is one spelling. */
function oldHead(jws: string, { name, publicKey }: NoteKey): LastLine | undefined {
  const [header = '', payload = '', signature = '', ...more] = jws.split('.');
  const host = name.slice(originOf('').length);
  const due = { alg: 'EdDSA', kid: host, typ: 'tmux-gate-head+jws' };
  const bytes = Buffer.from(signature, 'base64url');
  const isSpelled = header === Buffer.from(JSON.stringify(due)).toString('base64url') && more.length === 0;
  if (!isSpelled || bytes.toString('base64url') !== signature) return undefined;
  if (!noteChecks.verify(publicKey, `${header}.${payload}`, bytes.toString('latin1'))) return undefined;
  return parseJson(Buffer.from(payload, 'base64url').toString(), headShape, 1024);
}

/** A signed note as the list of lines that a record holds: a record has no line breaks. */
export const noteLines = (note: string): readonly string[] => note.split('\n').slice(0, -1);

/** The head that a record holds: null where its writer had found none, undefined where it holds nothing like a head. */
export function headIn({ checkpoint, head }: JournalRecord): string | null | undefined {
  if (Array.isArray(checkpoint)) return checkpoint.map((line) => `${String(line)}\n`).join('');
  if (typeof head === 'string') return head;
  return checkpoint === null || head === null ? null : undefined;
}
