// The hash chain of the journal, which makes changes detectable (docs/design.md, "Journal and recordings").
//
// 1. Every record carries the SHA-256 of the line before it. Attack: an edit, a swap, an insertion or a removal of lines; each breaks
//    the chain at that place.
// 2. Every record carries its number, so that lines removed in the middle are found in two ways.
// 3. The checkpoint (adapters/journal/checkpoint-file.ts) says how long the chain was. Attack: lines removed at the end.
import { chainFaults } from './messages/audit.ts';

/** The fields of a record that chain it to the one before. */
export interface Link {
  /** Counts from 1. */
  readonly n: number;
  /** SHA-256 of the line before, hex; `chainStart` in the first record. */
  readonly prev: string;
}

/** `prev` of the first record, which has none before it. */
export const chainStart = '0'.repeat(64);

/** The end of a chain: the number and the SHA-256 (hex) of its last line. */
export interface ChainState {
  readonly n: number;
  readonly hash: string;
}

export const emptyChain: ChainState = { n: 0, hash: chainStart };

/** SHA-256 (FIPS 180-4) of a line, hex. Passed in, since core imports no crypto. */
export type Digest = (line: string) => string;

/** The chain fields of the next record. */
export function nextLink(state: ChainState): Link {
  return { n: state.n + 1, prev: state.hash };
}

/** The chain after a line that is known to continue it. */
export function afterLine(state: ChainState, line: string, digest: Digest): ChainState {
  return { n: state.n + 1, hash: digest(line) };
}

/** Where a chain is broken (line number, from 1) and how, as text for people. */
export type ChainFault = { readonly line: number; readonly problem: string };

/**
 * Checks that a line continues the chain.
 * @param record the parsed line, where the caller has parsed it already.
 * @returns the chain after the line, or what is wrong with the line.
 */
export function follow(
  state: ChainState,
  line: string,
  digest: Digest,
  record: unknown = parsedLine(line),
): ChainState | ChainFault {
  const at = state.n + 1;
  const link = readLink(record);
  if (link === undefined) return { line: at, problem: chainFaults.noRecord };
  if (link.n !== at) return { line: at, problem: chainFaults.wrongNumber(link.n, at) };
  if (link.prev !== state.hash) return { line: at, problem: chainFaults.notContinued };
  return afterLine(state, line, digest);
}

function readLink(record: unknown): Link | undefined {
  if (record === null || typeof record !== 'object') return undefined;
  const { n, prev } = record as Partial<Link>;
  return Number.isSafeInteger(n) && typeof prev === 'string' ? { n: n as number, prev } : undefined;
}

function parsedLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
