// Alignment of two sequences: what is common, in order. Knows nothing of what is aligned.

/** Beyond this many comparisons the middle is given up and only common ends are aligned. */
const comparisonBudget = 4_000_000;

/** Pairs of indexes of a longest common subsequence of `a` and `b`. */
export function commonSubsequence(a: readonly string[], b: readonly string[]): [number, number][] {
  return align(a.length, b.length, (i, j) => (a[i] === b[j] ? 1 : 0));
}

/**
 * The pairs, ascending on both sides, whose weights sum up highest; a pair of weight 0 is none.
 * Common ends are paired first: elements that weigh 1 or more there.
 */
export function align(
  lengthA: number,
  lengthB: number,
  weight: (i: number, j: number) => number,
): [number, number][] {
  const pairs: [number, number][] = [];
  let start = 0;
  while (start < lengthA && start < lengthB && weight(start, start) >= 1) {
    pairs.push([start, start]);
    start++;
  }
  let endA = lengthA;
  let endB = lengthB;
  while (endA > start && endB > start && weight(endA - 1, endB - 1) >= 1) {
    endA--;
    endB--;
    pairs.push([endA, endB]);
  }
  const rows = endA - start;
  const columns = endB - start;
  if (rows > 0 && columns > 0 && rows * columns <= comparisonBudget) {
    // best[i][j]: the best sum for what remains from i and j.
    const width = columns + 1;
    const best = new Float64Array((rows + 1) * width);
    for (let i = rows - 1; i >= 0; i--)
      for (let j = columns - 1; j >= 0; j--) {
        const own = weight(start + i, start + j);
        const diagonal = own > 0 ? own + (best[(i + 1) * width + j + 1] ?? 0) : 0;
        best[i * width + j] = Math.max(
          diagonal,
          best[(i + 1) * width + j] ?? 0,
          best[i * width + j + 1] ?? 0,
        );
      }
    for (let i = 0, j = 0; i < rows && j < columns;) {
      const here = best[i * width + j] ?? 0;
      if (here === (best[(i + 1) * width + j] ?? 0)) i++;
      else if (here === (best[i * width + j + 1] ?? 0)) j++;
      else pairs.push([start + i++, start + j++]);
    }
  }
  return pairs.sort(([a], [b]) => a - b);
}
