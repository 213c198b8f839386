// Suggestions for a mistyped word ("did you mean").

/** The name closest to a word: at most one typing error away for words of up to four letters, else two; undefined when none is. */
export function nearest<Name extends string>(word: string, names: readonly Name[]): Name | undefined {
  const typed = word.toLowerCase();
  const slips = typed.length <= 4 ? 1 : 2;
  const near = names.map((name) => ({ name, far: distance(typed, name) })).filter(({ far }) => far <= slips);
  return near.sort((a, b) => a.far - b.far)[0]?.name;
}

const longest = 64;

/** How many letters to insert, remove, replace or swap to make `b` of `a` (optimal string alignment distance). */
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
