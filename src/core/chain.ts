// The journal's chain: what makes an edit show (docs/design.md, "Journal and recordings").
//
// 1. Every record carries the SHA-256 of the line before it, so an edit, a swap, an insertion or a hole breaks the chain at
//    that place.
// 2. The number is part of the record: a cut of whole lines in the middle shows twice.
// 3. A signed head (elsewhere) says how long the chain was: a cut at the end shows against it.

export interface Link {
  /** Counts from 1. */
  readonly n: number;
  /** SHA-256 of the line before, hex; of nothing for the first. */
  readonly prev: string;
}

export const chainStart = '0'.repeat(64);

export interface ChainState {
  readonly n: number;
  readonly hash: string;
}

export const emptyChain: ChainState = { n: 0, hash: chainStart };

/** Digest of a line of text, hex: passed in, since core computes nothing of its own (SHA-256, FIPS 180-4). */
export type Digest = (line: string) => string;

export function nextLink(state: ChainState): Link {
  return { n: state.n + 1, prev: state.hash };
}

export function afterLine(state: ChainState, line: string, digest: Digest): ChainState {
  return { n: state.n + 1, hash: digest(line) };
}

export type ChainFault = { readonly line: number; readonly problem: string };

/**
 * Follows one more line.
 * @param record what the line says, where the caller has read it already.
 * @returns the chain after it, or what is wrong with it.
 */
export function follow(
  state: ChainState,
  line: string,
  digest: Digest,
  record: unknown = parsedLine(line),
): ChainState | ChainFault {
  const at = state.n + 1;
  const link = readLink(record);
  if (link === undefined) return { line: at, problem: 'is no journal record' };
  if (link.n !== at)
    return { line: at, problem: `is numbered ${link.n} where ${at} was due: lines were cut, swapped or inserted` };
  if (link.prev !== state.hash)
    return { line: at, problem: 'does not continue the line before it: one of the two was edited' };
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
