// "Did you mean": the name that takes the fewest changes of a letter, when these are few.

export function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known.map(each => [distance(name.toUpperCase(), each.toUpperCase()), each] as const).sort(byDistance);
  return best && best[0] <= Math.max(1, Math.floor(name.length / 3)) ? best[1] : undefined;
}

/** Letters to put in, take away, replace or exchange with the next, to make one word of the other. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const crossed = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same, crossed));
    }
  }
  return at(a.length, b.length);
}

const byDistance = (a: readonly [number, string], b: readonly [number, string]) => a[0] - b[0];
