// Where a journal that was written before goes on.
import { type ChainState, type Digest, emptyChain } from '../../core/chain.ts';
import { parsed } from './read.ts';

/** Where the chain goes on. @throws Error when the last line is not a record: new records would chain to something that nobody wrote. */
export function chainAt(lastLine: string | undefined, sha256: Digest): ChainState {
  if (lastLine === undefined) return emptyChain;
  const n = parsed(lastLine)?.['n'];
  if (!Number.isSafeInteger(n))
    throw new Error('the last line is no journal record: move the journal aside as evidence');
  return { n: n as number, hash: sha256(lastLine) };
}
