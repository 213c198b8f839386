// A recording of two ranges, and what the keeper journals of it.
import { sha256 } from '../../src/adapters/sha256.ts';
import { chainAfter, noChain } from '../../src/core/recording/ranges.ts';

export const day = '2026-11-29';

export const castOf = (id: string): string =>
  `{"version":2,"width":80,"height":24}\n[1,"o","what ${id} saw"]\n[2,"o","and more"]\n`;

export type Told = Readonly<Record<string, unknown>> & { readonly event: string };

/** Four records. @param place where its host has it */
export function journaled(id: string, place = `/var/lib/tmux-gate/recordings/${day}/${id}.cast`): readonly Told[] {
  const text = castOf(id);
  const cut = text.indexOf('\n') + 1;
  let chain = noChain;
  const ranges = [[0, cut] as const, [cut, text.length] as const].map(([from, to], range) => {
    const digest = sha256(text.slice(from, to));
    return { range, from, to, sha256: digest, chain: (chain = chainAfter(chain, digest, sha256)) };
  });
  return [
    { event: 'connected', connection: id, recording: place },
    ...ranges.map((one) => ({ event: 'recording-range', connection: id, ...one })),
    { event: 'recording-closed', connection: id, ranges: 2, bytes: text.length, chain },
  ];
}
