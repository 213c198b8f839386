// Draws a sample by a seed, so that whoever knows the seed draws the same.
//
// 1. The order is that of SHA-256 of `SEED:ID`, as hex. Whoever names the seed after the population is fixed leaves nobody a choice.
//    Attack: whoever makes the evidence picks the accesses that look best.

/** What a seed may be: it stands in file names, commands and reports. */
export const isSeed = (text: string): boolean => /^[A-Za-z0-9._-]{1,64}$/.test(text);

/** The ids that are drawn, in the order of the draw; all of them where there are not more. @param sha256 hex of a text */
export function draw(sha256: (text: string) => string, ids: readonly string[], seed: string, count: number): string[] {
  return ids
    .map((id) => ({ id, place: sha256(`${seed}:${id}`) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .slice(0, count)
    .map(({ id }) => id);
}
