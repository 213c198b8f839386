// What somebody meant who mistyped a word.

/** The one of the names that is a slip away: one for a short word, two for a longer one; undefined when none is. */
export function nearest<Name extends string>(word: string, names: readonly Name[]): Name | undefined {
  const typed = word.toLowerCase();
  const slips = typed.length <= 4 ? 1 : 2;
  const near = names.map((name) => ({ name, far: distance(typed, name) })).filter(({ far }) => far <= slips);
  return near.sort((a, b) => a.far - b.far)[0]?.name;
}

const longest = 64;

/** Letters to insert, drop, replace or swap (optimal string alignment). */
function distance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > longest) return Infinity;
  const wide = b.length + 1;
  const cells = Array.from({ length: wide }, (_, j) => j);
  const at = (i: number, j: number): number => Number(cells[i * wide + j]);
  for (let i = 1; i <= a.length; i++) {
    cells.push(i);
    for (let j = 1; j <= b.length; j++) {
      const same = Number(a[i - 1] !== b[j - 1]);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same);
      cells.push(swapped ? Math.min(best, at(i - 2, j - 2) + 1) : best);
    }
  }
  return at(a.length, b.length);
}
